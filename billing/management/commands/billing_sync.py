from django.core.management.base import BaseCommand, CommandError

from billing import catalogue, stripe_api
from organizations.problems import Problem


class Command(BaseCommand):
    help = "Makes Stripe's products, prices, portal and webhook endpoint agree with billing/plans.py. Safe to repeat."

    def handle(self, *args, **options):
        try:
            with stripe_api.explained():
                done = 0
                for sentence in catalogue.sync():
                    self.stdout.write(sentence)
                    done += 1
        except Problem as err:
            raise CommandError(err.detail) from err
        if not done:
            self.stdout.write("Everything agreed already.")

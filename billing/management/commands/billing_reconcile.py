from django.core.management.base import BaseCommand, CommandError

from billing import reconciling, stripe_api
from organizations.problems import Problem


class Command(BaseCommand):
    help = "Fetches every customer's state from Stripe anew and compares each counter with its ledger. Safe to repeat."

    def handle(self, *args, **options):
        try:
            with stripe_api.explained():
                found = 0
                for sentence in reconciling.reconcile():
                    self.stdout.write(sentence)
                    found += 1
        except Problem as err:
            raise CommandError(err.detail) from err
        if not found:
            self.stdout.write("Everything agreed already.")

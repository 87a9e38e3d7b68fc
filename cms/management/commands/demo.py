"""`manage.py demo`: an organization to look at, with people in every role and posts in every state."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cms.demo import building, content


class Command(BaseCommand):
    help = "Makes the demo organization and its log-ins, once. Only with the development settings."

    def handle(self, *args, **options):
        if not settings.DEMO:
            raise CommandError(
                "Demo accounts have a public password: they are made with the development settings only."
            )
        if building.is_there():
            self.stdout.write("The demo organization is there already.")
            return
        # Nobody waits for mail about made-up posts.
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        organization = building.build()
        self.stdout.write(
            f"Made {organization} with {len(content.POSTS)} posts. Log-ins, all with “{content.PASSWORD}”:"
        )
        for email, *_name, role in content.PEOPLE:
            self.stdout.write(f"  {email:<20} {role}")

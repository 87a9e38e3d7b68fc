"""`manage.py prepare`: what bin/start needs before the doors open."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Applies migrations; in development also fills a database in which nobody has worked yet."

    def handle(self, *args, **options):
        call_command("migrate", verbosity=0)
        if not settings.DEMO or get_user_model().objects.exists():
            return
        self.stdout.write("Filling the empty database with demo data …")
        for command in ("site_content", "demo"):
            if command in get_commands():
                call_command(command, verbosity=0)

"""`manage.py prepare`: what must be there before the doors open."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from home.editing import let_editors_edit
from home.models import HomePage


class Command(BaseCommand):
    help = (
        "Applies migrations, and gives a public site without a home page its first pages. In development it also "
        "fills a database in which nobody has worked yet. Safe to run again."
    )

    def handle(self, *args, **options):
        call_command("migrate", verbosity=0)
        if not HomePage.objects.exists():
            self.stdout.write("Making the first pages of the public site …")
            call_command("site_content", verbosity=0)
        for home in HomePage.objects.all():
            let_editors_edit(home)
        if settings.DEMO and not get_user_model().objects.exists():
            self.stdout.write("Filling the empty database with demo data …")
            call_command("demo", verbosity=0)

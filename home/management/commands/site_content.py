"""Gives the public site its first pages."""

from django.core.management.base import BaseCommand

from home.first_content.making import make_site


class Command(BaseCommand):
    help = (
        "Makes the pages of the public site that are not there yet, with their first words. "
        "Pages that are there stay as they are, whatever an editor has made of them."
    )

    def handle(self, *args, **options):
        made = make_site()
        if options["verbosity"]:
            self.stdout.write(f"Public site: {made} pages made." if made else "Public site: all pages are there.")

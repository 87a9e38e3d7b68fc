"""Gives the public site its first pages, and keeps those that nobody has edited up to date."""

from django.core.management.base import BaseCommand
from django.db import transaction

from home.first_content.making import Outcome, make_site


class Command(BaseCommand):
    help = (
        "Makes the pages of the public site that are not there yet, with their first words. "
        "Pages that are there stay as they are, unless --update is given and nobody has edited them."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--update",
            action="store_true",
            help="also give pages that nobody has edited the words that come with this version",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")

    @transaction.atomic
    def handle(self, *args, **options):
        outcome = make_site(renew=options["update"])
        if options["verbosity"]:
            self.say(outcome, updating=options["update"])
        if options["dry_run"]:
            self.stdout.write("That is what would be done; nothing was.")
            transaction.set_rollback(True)

    def say(self, outcome: Outcome, *, updating: bool) -> None:
        if not updating:
            made = len(outcome.made)
            self.stdout.write(f"Public site: {made} pages made." if made else "Public site: all pages are there.")
            return
        self.stdout.write(
            f"Public site: {len(outcome.made)} pages made, {len(outcome.renewed)} renewed, "
            f"{outcome.same} as they should be, {len(outcome.left)} left."
        )
        for title, pages in (("Made", outcome.made), ("Renewed", outcome.renewed)):
            for page in pages:
                self.stdout.write(f"  {title}: {page.get_url()}")
        for page, why in outcome.left:
            self.stdout.write(f"  Left, {why}: {page.get_url()}")

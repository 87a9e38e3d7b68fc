"""`manage.py rotate_encryption_keys`: every stored secret is written anew with the first of ENCRYPTION_KEYS."""

from django.core.management.base import BaseCommand, CommandError

from publishing import rotating


class Command(BaseCommand):
    help = "Writes every stored secret anew with the first key in ENCRYPTION_KEYS, so that older keys can be taken out."

    def handle(self, *args, **options):
        unreadable = 0
        for found in rotating.rotate():
            self.stdout.write(f"{found.where}: {found.rotated} written anew, {found.current} were already")
            unreadable += found.unreadable
        if unreadable:
            raise CommandError(
                f"{unreadable} secrets cannot be read with any of the keys and were left alone. "
                "Put the key that wrote them back into ENCRYPTION_KEYS, and run this again."
            )
        self.stdout.write("Everything is written with the first key. The others can be taken out.")

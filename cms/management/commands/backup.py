"""`manage.py backup`: one file with the database and the uploaded files."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cms import backing_up


class Command(BaseCommand):
    help = "Writes the database and the uploaded files into one new file. People can go on working meanwhile."

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path, help="where the file goes, for example /var/backups/content-studio")

    def handle(self, *args, directory: Path, **options):
        try:
            path = backing_up.back_up(directory)
        except (backing_up.BackupError, OSError) as error:
            raise CommandError(f"No backup was made. {error}") from error
        self.stdout.write(f"{path} ({path.stat().st_size / 2**20:.1f} MiB)")

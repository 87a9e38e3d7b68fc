"""`manage.py restore`: fills an empty installation from a backup."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from cms import backing_up


class Command(BaseCommand):
    help = (
        "Fills the empty database and the media directory from a file that `backup` wrote. Stop web and worker first."
    )
    requires_system_checks = []  # the database may hold nothing yet

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="throw away what the database holds now")

    def handle(self, *args, file: Path, replace: bool, **options):
        try:
            about = backing_up.restore(file, replace=replace)
        except (backing_up.BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored what was backed up at {about['made_at']}. Start web and worker again.")

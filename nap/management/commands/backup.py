from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from nap.backups import BackupError, write_backup


class Command(BaseCommand):
    help = "Writes the whole database to a new file, while people work. `restore` reads it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to make; it must not exist")

    def handle(self, *, file: Path, **_options) -> None:
        try:
            write_backup(file)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Backed up to {file} ({file.stat().st_size / 1_000_000:.1f} MB), checked. Keep it off this machine."
        )

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from nap.backups import BackupError, restore_backup


class Command(BaseCommand):
    help = "Replaces the whole database by what a file made by `backup` holds, or leaves it as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file made by `backup`, from the same kind of database")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *, file: Path, yes: bool, **_options) -> None:
        if not yes and not self._agrees():
            raise CommandError("Nothing was changed.")
        try:
            missing = restore_backup(file)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Restored from {file}.")
        if missing:
            self.stdout.write(f"It is from an older version: run `manage.py migrate`, for {', '.join(missing)}.")

    def _agrees(self) -> bool:
        self.stdout.write(f"This replaces everything in the database {connection.settings_dict['NAME']}.")
        try:
            return input('Type "yes" to go on: ') == "yes"
        except EOFError:
            return False

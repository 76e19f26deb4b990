"""Loads the plan of one country from a JSON file (docs/loading.md)."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from nap.loading import SIZE_LIMIT, Loaded, Refused, load_plan


class Command(BaseCommand):
    help = "Loads the plan of one country from a JSON file: everything, or nothing and every fault."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="The file, in the format of docs/loading.md.")
        parser.add_argument("--country", help="The code of the country that the plan must belong to, such as KE.")
        parser.add_argument("--dry-run", action="store_true", help="Says what would change and changes nothing.")

    def handle(self, *args, file: Path, country: str | None, dry_run: bool, **options) -> None:
        try:
            with file.open("rb") as opened:
                data = opened.read(SIZE_LIMIT + 1)  # one byte more than allowed is enough to refuse it
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        try:
            loaded = load_plan(data, source=file.name, country=country and country.upper(), dry_run=dry_run)
        except Refused as refused:
            self._say_why_not(refused)
            raise CommandError(f"{file.name} was not loaded. Nothing has changed.") from None
        self._say(loaded, dry_run=dry_run)

    def _say_why_not(self, refused: Refused) -> None:
        for fault in refused.faults:
            self.stderr.write(str(fault))
        if refused.unchecked:
            self.stderr.write(f"Not checked, because they refer to these: {refused.unchecked} records.")

    def _say(self, loaded: Loaded, *, dry_run: bool) -> None:
        self.stdout.write(f"{'':32}{'new':>10}{'changed':>10}{'unchanged':>10}")
        for count in loaded.counts:
            self.stdout.write(f"{count.model:32}{count.new:>10}{count.changed:>10}{count.unchanged:>10}")
        what = loaded.plan or loaded.country
        self.stdout.write(f"A trial: nothing of {what} has been changed." if dry_run else f"{what} has been loaded.")

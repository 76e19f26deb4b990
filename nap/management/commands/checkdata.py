"""Finds every row that breaks a rule that the database cannot keep. Exit code 1 where there is one."""

from __future__ import annotations

import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from actors.models import Country
from nap.checkdata import RULES, find


class Command(BaseCommand):
    help = "Finds every row that breaks a rule that the database cannot keep; CI runs it, and so should a backup job."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--country", help="Only the rows of this country, such as KE.")

    def handle(self, *args, country: str | None, **options) -> None:
        code = country and country.upper()
        if code and not Country.objects.filter(code=code).exists():
            raise CommandError(f"There is no country {code}.")
        findings = find(country_code=code)
        for finding in findings:
            self.stdout.write(str(finding))
        if findings:
            self.stderr.write(f"Rows that break a rule: {len(findings)}.")
            sys.exit(1)
        self.stdout.write(f"{len(RULES)} rules hold for every row.")

"""Writes the fixture of the demonstration."""

from django.core.management.base import BaseCommand

from nap.demonstration.building import DEMO_PLAN, fixture_text


class Command(BaseCommand):
    help = "Write fixtures/demo_plan.json from the model plan and nap/demonstration/. The same bytes every time."
    requires_system_checks = []

    def handle(self, *args: object, **options: object) -> None:
        text = fixture_text()
        DEMO_PLAN.write_text(text, encoding="utf-8", newline="\n")
        self.stdout.write(f"{DEMO_PLAN.name}: {len(text.encode()) / 1_000_000:.1f} MB")

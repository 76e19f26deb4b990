from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = (
        "All that a demonstration needs before it is served: tables, the cache's table, invented data. In one process, "
        "because starting Python three times takes longer than the work."
    )
    requires_system_checks: list[str] = []  # migrate's own, which ask the database too, are enough

    def handle(self, **_options) -> None:
        call_command("migrate", verbosity=0, skip_checks=False)
        call_command("createcachetable", verbosity=0)
        call_command("loaddemo")

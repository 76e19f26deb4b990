"""Loads the demonstration, once."""

from django.conf import settings
from django.contrib.auth.hashers import is_password_usable, make_password
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from actors.models import Country, User
from nap.demonstration.accounts import DEMO_PASSWORD, demo_accounts
from nap.demonstration.story import COUNTRY
from objectives.models import Plan


class Command(BaseCommand):
    help = (
        "Load the model plan and the invented countries of the demonstration where they are absent, and print the "
        "accounts to sign in with. What is there already, and what people changed in it, stays."
    )

    def handle(self, *args: object, **options: object) -> None:
        if not settings.IS_DEMONSTRATION:
            raise CommandError(
                "This installation is not a demonstration, so no invented data and no known passwords are loaded. "
                "Set NAP_DEMONSTRATION=1 only where everybody may see and change everything."
            )
        with transaction.atomic():
            if not Plan.objects.models().exists():
                call_command("loaddata", "model_plan", verbosity=0)
            if not Country.objects.filter(code=COUNTRY).exists():
                call_command("loaddata", "demo_plan", verbosity=0)
            _open_accounts()
        self._print_accounts()

    def _print_accounts(self) -> None:
        accounts = demo_accounts()
        widths = {name: max(len(account[name]) for account in accounts) for name in ("role", "organisation", "email")}
        self.stdout.write(f"Accounts to try, all with the password {DEMO_PASSWORD}:")
        for account in accounts:
            self.stdout.write("  " + "  ".join(account[name].ljust(width) for name, width in widths.items()).rstrip())


def _open_accounts() -> None:
    """Set the known password where the fixture left an unusable one; one that a person has changed stays."""
    emails = [account["email"] for account in demo_accounts()]
    closed = [person for person in User.objects.filter(email__in=emails) if not is_password_usable(person.password)]
    if closed:
        # One hash for all: it takes a good part of a second each, and here it protects nothing.
        User.objects.filter(pk__in=[person.pk for person in closed]).update(password=make_password(DEMO_PASSWORD))

"""The accounts of the demonstration, for the sign-in page and for `loaddemo`."""

from __future__ import annotations

from functools import cache

from django.utils.translation import gettext as _

from actors.models import Role
from nap.demonstration.story import Story

# Known to everybody who tries the demonstration, and set on nobody's account but those below.
DEMO_PASSWORD = "demonstration-2026"  # noqa: S105  # nosec B105


def demo_accounts() -> list[dict[str, str]]:
    """Name, role, organisation, e-mail and password of each person who can sign in, in the order to show them."""
    accounts = []
    for name, email, roles, organisations in _people():
        labels = [str(Role(role).label) for role in roles] or [_("Platform administrator")]
        accounts.append(
            {
                "name": name,
                "role": ", ".join(labels),
                "organisation": ", ".join(organisations) or _("The platform"),
                "email": email,
                "password": DEMO_PASSWORD,
            }
        )
    return accounts


@cache
def _people() -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Name, e-mail, roles and organisations of those who hold a role without end, and of the administrator."""
    story = Story()
    names = {actor["key"]: str(actor["name"]) for actor in story.actors}
    people = []
    for person in story.people:
        held = [role for role in story.roles if role.email == person["email"] and role.ends_on is None]
        if held or person.get("is_platform_administrator"):
            organisations = dict.fromkeys(names[role.actor] for role in held)
            roles = dict.fromkeys(role.role for role in held)
            people.append((str(person["name"]), str(person["email"]), tuple(roles), tuple(organisations)))
    return people

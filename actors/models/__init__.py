"""Countries, the actors of their plans, people, and the roles that people hold in actors."""

from actors.models.base import KeyField, LinkField, Versioned, new_key
from actors.models.organisations import ASSESSOR_KINDS, SECTORS, Actor, ActorKind, ActorTree, Country, Sector
from actors.models.people import (
    FormToken,
    Membership,
    Rights,
    Role,
    User,
    is_platform_administrator,
    rights_of,
    validate_membership,
)

__all__ = [
    "ASSESSOR_KINDS",
    "SECTORS",
    "Actor",
    "ActorKind",
    "ActorTree",
    "Country",
    "FormToken",
    "KeyField",
    "LinkField",
    "Membership",
    "Rights",
    "Role",
    "Sector",
    "User",
    "Versioned",
    "is_platform_administrator",
    "new_key",
    "rights_of",
    "validate_membership",
]

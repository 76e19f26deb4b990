"""Countries, actors, people and memberships in files: which column is which field."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from actors.models import Actor, Country, Membership, User
from actors.resources.base import NaturalResource, counted
from actors.resources.cells import (
    ABSENT,
    Lookup,
    Named,
    NaturalKey,
    ReferencesWidget,
    ReferenceWidget,
    Unfit,
    parse_key,
    reference,
    references,
    shown,
)

COUNTRIES = Named(Country, parts=("country",))
ACTORS = Named(Actor, "country")
PEOPLE = Named(User, parts=("e-mail",))

__all__ = [
    "ABSENT",
    "ACTORS",
    "COUNTRIES",
    "PEOPLE",
    "ActorResource",
    "CountryResource",
    "Lookup",
    "MembershipResource",
    "Named",
    "NaturalKey",
    "NaturalResource",
    "ReferenceWidget",
    "ReferencesWidget",
    "Unfit",
    "UserResource",
    "counted",
    "parse_key",
    "reference",
    "references",
    "shown",
]


class CountryResource(NaturalResource):
    named = COUNTRIES

    class Meta(NaturalResource.Meta):
        model = Country
        name = _("countries")
        import_id_fields = ["code"]
        fields = ["code", "name", "languages", "help_text", "help_url"]


class ActorResource(NaturalResource):
    named = ACTORS
    rules = {
        "actor_name_in_country": _("Another actor of the country has this name."),
        "actor_name_generic": _("Another actor of the model has this name."),
    }

    country = reference("country", COUNTRIES)
    parent = reference("parent", ACTORS)
    succeeded_by = reference("succeeded_by", ACTORS)
    stands_for = references("stands_for", ACTORS, of_model=True)

    class Meta(NaturalResource.Meta):
        model = Actor
        name = _("actors")
        import_id_fields = ["country", "key"]
        fields = ["country", "key", "kind", "name", "acronym", "parent", "ended_on", "succeeded_by", "stands_for"]


class UserResource(NaturalResource):
    """People. Neither passwords nor the right to administer travel in files."""

    named = PEOPLE

    class Meta(NaturalResource.Meta):
        model = User
        name = _("people")
        import_id_fields = ["email"]
        fields = ["email", "name", "language", "is_active"]

    def init_instance(self, row=None) -> User:
        person = User()
        person.set_unusable_password()  # they set one through "Forgotten your password?"
        return person


class MembershipResource(NaturalResource):
    named = Named(Membership, "actor__country")
    also_related = ("user",)

    user = reference("user", PEOPLE)
    actor = reference("actor", ACTORS)

    class Meta(NaturalResource.Meta):
        model = Membership
        name = _("memberships")
        import_id_fields = ["user", "actor", "role", "starts_on"]
        fields = ["user", "actor", "role", "starts_on", "ends_on"]

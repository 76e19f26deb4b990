"""Countries and the actors of their plans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from actors.models.base import KeyField, LinkField, Versioned


class CountryQuerySet(models.QuerySet):
    def get_by_natural_key(self, code: str) -> Country:
        return self.get(code=code)


class Country(Versioned):
    """A country: the tenant to which every national row belongs."""

    code = models.CharField(
        _("ISO 3166-1 alpha-2 code"),
        max_length=2,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Two capital letters, as in ISO 3166-1."))],
    )
    name = models.CharField(_("name"), max_length=200)
    languages = models.JSONField(_("languages"), default=list, blank=True, help_text=_('Codes, such as ["en", "fr"].'))
    help_text = models.TextField(
        _("where a child can get help"), blank=True, help_text=_("Names and telephone numbers. Shown on every page.")
    )
    help_url = LinkField(_("help on the web"), blank=True)

    history = HistoricalRecords()
    objects = CountryQuerySet.as_manager()

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=Q(code__regex=r"^[A-Z]{2}$"), name="country_code_is_iso")]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    @property
    def slug(self) -> str:
        """The code as it stands in addresses: lower case."""
        return self.code.lower()


class Sector(models.TextChoices):
    """The part of society that an actor belongs to; follows from its kind (docs/domain.md)."""

    GOVERNMENT = "government", _("Government")
    INTERNATIONAL = "international", _("International")
    CIVIL_SOCIETY = "civil_society", _("Civil society")
    INDEPENDENT = "independent", _("Independent")
    PRIVATE = "private", _("Private")
    COMMUNITY = "community", _("Community")


class ActorKind(models.TextChoices):
    """Kinds of actor, after the third column of ECPAT's Model Plan, with independent institutions and academia."""

    MINISTRY = "ministry", _("Ministry")
    GOVERNMENT_AGENCY = "government_agency", _("Government agency")
    POLICE = "police", _("Police")
    PROSECUTION = "prosecution", _("Prosecution")
    JUDICIARY = "judiciary", _("Judiciary")
    LEGISLATURE = "legislature", _("Legislature")
    LOCAL_GOVERNMENT = "local_government", _("Local government")
    COORDINATION_BODY = "coordination_body", _("Coordination body")
    UN_AGENCY = "un_agency", _("United Nations agency")
    IGO = "igo", _("Intergovernmental organisation")
    NGO = "ngo", _("Non-governmental organisation")
    CBO = "cbo", _("Community-based organisation")
    INDEPENDENT_INSTITUTION = "independent_institution", _("Independent institution")
    ACADEMIA = "academia", _("Academia")
    PROFESSIONAL_BODY = "professional_body", _("Professional body")
    LEGAL_AID = "legal_aid", _("Legal aid")
    PRIVATE_SECTOR = "private_sector", _("Private sector")
    MEDIA = "media", _("Media")
    POLITICAL_PARTY = "political_party", _("Political party")
    COMMUNITY = "community", _("Community")
    FAMILIES_EDUCATORS = "families_educators", _("Families and educators")
    CHILDREN = "children", _("Children")


SECTORS: dict[str, Sector] = {
    ActorKind.MINISTRY: Sector.GOVERNMENT,
    ActorKind.GOVERNMENT_AGENCY: Sector.GOVERNMENT,
    ActorKind.POLICE: Sector.GOVERNMENT,
    ActorKind.PROSECUTION: Sector.GOVERNMENT,
    ActorKind.JUDICIARY: Sector.GOVERNMENT,
    ActorKind.LEGISLATURE: Sector.GOVERNMENT,
    ActorKind.LOCAL_GOVERNMENT: Sector.GOVERNMENT,
    ActorKind.COORDINATION_BODY: Sector.GOVERNMENT,
    ActorKind.UN_AGENCY: Sector.INTERNATIONAL,
    ActorKind.IGO: Sector.INTERNATIONAL,
    ActorKind.NGO: Sector.CIVIL_SOCIETY,
    ActorKind.CBO: Sector.CIVIL_SOCIETY,
    ActorKind.PROFESSIONAL_BODY: Sector.CIVIL_SOCIETY,
    ActorKind.LEGAL_AID: Sector.CIVIL_SOCIETY,
    ActorKind.POLITICAL_PARTY: Sector.CIVIL_SOCIETY,
    ActorKind.INDEPENDENT_INSTITUTION: Sector.INDEPENDENT,
    ActorKind.ACADEMIA: Sector.INDEPENDENT,
    ActorKind.PRIVATE_SECTOR: Sector.PRIVATE,
    ActorKind.MEDIA: Sector.PRIVATE,
    ActorKind.COMMUNITY: Sector.COMMUNITY,
    ActorKind.FAMILIES_EDUCATORS: Sector.COMMUNITY,
    ActorKind.CHILDREN: Sector.COMMUNITY,
}
ASSESSOR_KINDS = [kind for kind, sector in SECTORS.items() if sector in (Sector.CIVIL_SOCIETY, Sector.INDEPENDENT)]


class ActorQuerySet(models.QuerySet):
    def get_by_natural_key(self, country_code: str | None, key: str) -> Actor:
        return self.get(country__code=country_code, key=key) if country_code else self.generic().get(key=key)

    def generic(self) -> ActorQuerySet:
        """The model's actors ("Police", "NGOs"), which belong to no country."""
        return self.filter(country__isnull=True)

    def current(self, on: date | None = None) -> ActorQuerySet:
        """Actors that still exist on `on` (today where it is left out)."""
        on = on or timezone.localdate()
        return self.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=on))

    def adult(self) -> ActorQuerySet:
        """Actors that may lead, report and have accounts: all but children."""
        return self.exclude(kind=ActorKind.CHILDREN)

    def tree_around(self, actor_ids: Iterable[int]) -> ActorTree:
        """Which actor is part of which, in the countries of the given actors. One query."""
        countries = self.model.objects.filter(pk__in=frozenset(actor_ids)).values("country")
        return ActorTree(dict(self.model.objects.filter(country__in=countries).values_list("pk", "parent_id")))


@dataclass(frozen=True, slots=True)
class ActorTree:
    """Which actor is part of which: the parent's id, or None, by the id of each."""

    parents: dict[int, int | None]

    def chain(self, actor_ids: Iterable[int]) -> frozenset[int]:
        """The given actors and every one above or below one of them."""
        own = frozenset(actor_ids)
        near = (pk for pk in self.parents if any(self._above(pk, one) or self._above(one, pk) for one in own))
        return own.union(near)

    def with_parts(self, actor_ids: Iterable[int]) -> frozenset[int]:
        """The given actors and every one that is part of one of them."""
        own = frozenset(actor_ids)
        return own.union(pk for pk in self.parents if any(self._above(one, pk) for one in own))

    def _above(self, upper: int, lower: int) -> bool:
        return _is_above(self.parents, upper, lower)


def _is_above(parents: dict[int, int | None], upper: int, lower: int | None) -> bool:
    seen: set[int] = set()
    while lower is not None and lower not in seen:
        if lower == upper:
            return True
        seen.add(lower)
        lower = parents.get(lower)
    return False


class Actor(Versioned):
    """An organisation or group that takes part in a plan; one without a country is a generic actor of the model.

    Its kind is fixed once it is stored: a ministry that becomes an agency is a new row that succeeds the old one, and
    a slip is put right by deleting the row while nothing refers to it.
    """

    country = models.ForeignKey(
        Country, verbose_name=_("country"), null=True, blank=True, on_delete=models.PROTECT, related_name="actors"
    )
    key = KeyField()
    kind = models.CharField(_("kind"), max_length=30, choices=ActorKind)
    name = models.CharField(_("name"), max_length=250)
    acronym = models.CharField(_("acronym"), max_length=30, blank=True)
    parent = models.ForeignKey(
        "self", verbose_name=_("part of"), null=True, blank=True, on_delete=models.PROTECT, related_name="parts"
    )
    stands_for = models.ManyToManyField(
        "self",
        verbose_name=_("stands for"),
        blank=True,
        symmetrical=False,
        related_name="stood_for_by",
        help_text=_("The actors of the model plan whose part this one plays."),
    )
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    succeeded_by = models.ForeignKey(
        "self", verbose_name=_("succeeded by"), null=True, blank=True, on_delete=models.PROTECT, related_name="succeeds"
    )

    history = HistoricalRecords(m2m_fields=[stands_for])
    objects = ActorQuerySet.as_manager()

    class Meta:
        verbose_name = _("actor")
        verbose_name_plural = _("actors")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["country", "key"], condition=Q(country__isnull=False), name="actor_key_in_country"
            ),
            models.UniqueConstraint(fields=["key"], condition=Q(country__isnull=True), name="actor_key_generic"),
            models.UniqueConstraint(
                "country", Lower("name"), condition=Q(country__isnull=False), name="actor_name_in_country"
            ),
            models.UniqueConstraint(Lower("name"), condition=Q(country__isnull=True), name="actor_name_generic"),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="actor_is_not_part_of_itself"
            ),
            models.CheckConstraint(
                condition=Q(succeeded_by__isnull=True) | Q(ended_on__isnull=False), name="actor_succeeded_has_ended"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str | None, str]:
        return (self.country.code if self.country_id else None, self.key)

    @property
    def sector(self) -> Sector:
        return SECTORS[self.kind]

    @property
    def can_assess(self) -> bool:
        """Whether it files independent assessments: civil-society and independent actors do."""
        return self.kind in ASSESSOR_KINDS

    @property
    def short_name(self) -> str:
        return self.acronym or self.name

    def clean(self) -> None:
        if self.parent and self.parent.country_id != self.country_id:
            raise ValidationError({"parent": _("An actor and the one it is part of belong to the same country.")})
        if self.succeeded_by and self.succeeded_by.country_id != self.country_id:
            raise ValidationError({"succeeded_by": _("A successor belongs to the same country.")})
        if self.pk:
            stored = type(self).objects.filter(pk=self.pk).values("kind", "key", "country_id").first()
            if stored and stored["kind"] != self.kind:
                raise ValidationError(
                    {
                        "kind": _(
                            "The kind of an actor is fixed. End this one and add its successor, or delete it while nothing refers to it."
                        )
                    }
                )
            if stored and (stored["key"], stored["country_id"]) != (self.key, self.country_id):
                raise ValidationError(_("The key and the country of an actor never change."))
            if self.parent_id and self._would_contain_itself():
                raise ValidationError({"parent": _("This would make the actor a part of itself.")})

    def _would_contain_itself(self) -> bool:
        parents = dict(Actor.objects.filter(country=self.country_id).values_list("pk", "parent_id"))
        parents[self.pk] = None
        return _is_above(parents, self.pk, self.parent_id)

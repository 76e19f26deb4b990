"""Plans, their areas and objectives, and the words they use."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from actors.models import Country, KeyField, LinkField, Versioned, rights_of


class PlanStatus(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    CLOSED = "closed", _("Closed")


class PlanQuerySet(models.QuerySet):
    def get_by_natural_key(self, country_code: str | None, edition: str) -> Plan:
        plans = self.filter(country__code=country_code) if country_code else self.models()
        return plans.get(edition=edition)

    def models(self) -> PlanQuerySet:
        """Model plans: those of no country."""
        return self.filter(country__isnull=True)

    def national(self) -> PlanQuerySet:
        return self.filter(country__isnull=False)

    def active(self) -> PlanQuerySet:
        return self.filter(status=PlanStatus.ACTIVE)

    def public(self) -> PlanQuerySet:
        """Plans that anybody may read: the models, and national plans made public that are no longer drafts."""
        return self.filter(
            Q(country__isnull=True) | Q(is_public=True, status__in=[PlanStatus.ACTIVE, PlanStatus.CLOSED])
        )

    def visible_to(self, user) -> PlanQuerySet:
        """Public plans, and every plan of the countries in which `user` holds a role."""
        return self.filter(Q(pk__in=self.model.objects.public()) | Q(country__in=rights_of(user).country_ids))

    def at(self, country: str, edition: str) -> PlanQuerySet:
        """The plan at the address /<country>/<edition>/, with its country."""
        return self.national().filter(country__code=country.upper(), edition=edition).select_related("country")


class Plan(Versioned):
    """A national plan of action, or the model plan, which belongs to no country and is read-only once loaded."""

    country = models.ForeignKey(
        Country, verbose_name=_("country"), null=True, blank=True, on_delete=models.PROTECT, related_name="plans"
    )
    edition = models.SlugField(_("edition"), max_length=40, help_text=_("Stands in the address, such as 2024-2029."))
    title = models.CharField(_("title"), max_length=300)
    language = models.CharField(_("language"), max_length=12, default="en-gb")
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=PlanStatus, default=PlanStatus.DRAFT)
    activated_on = models.DateField(_("active since"), null=True, blank=True)
    model = models.ForeignKey(
        "self", verbose_name=_("model"), null=True, blank=True, on_delete=models.PROTECT, related_name="adaptations"
    )
    supersedes = models.ForeignKey(
        "self", verbose_name=_("supersedes"), null=True, blank=True, on_delete=models.PROTECT, related_name="successors"
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, help_text=_("ISO 4217, such as EUR."))
    is_public = models.BooleanField(_("public"), default=False)
    preface = models.TextField(_("preface"), blank=True)
    source = models.TextField(_("source"), blank=True, help_text=_("What the text is quoted from."))
    situation_analysis_on = models.DateField(_("situation analysis done on"), null=True, blank=True)
    situation_analysis_url = LinkField(_("situation analysis, link"), blank=True)
    legal_review_on = models.DateField(_("legal review done on"), null=True, blank=True)
    legal_review_url = LinkField(_("legal review, link"), blank=True)
    consultation_on = models.DateField(_("consultation done on"), null=True, blank=True)
    consultation_url = LinkField(_("consultation, link"), blank=True)

    history = HistoricalRecords()
    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        ordering = ["country__name", "-starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["country"],
                condition=Q(status="active", country__isnull=False),
                name="plan_one_active_a_country",
            ),
            models.UniqueConstraint(
                fields=["country", "edition"], condition=Q(country__isnull=False), name="plan_edition_in_country"
            ),
            models.UniqueConstraint(
                fields=["edition"], condition=Q(country__isnull=True), name="plan_edition_of_models"
            ),
            models.CheckConstraint(
                condition=Q(country__isnull=True) | Q(starts_on__isnull=False, ends_on__isnull=False),
                name="plan_national_has_dates",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
                name="plan_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(status="active") | Q(country__isnull=True) | Q(activated_on__isnull=False),
                name="plan_active_since_when",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str | None, str]:
        return (self.country.code if self.country_id else None, self.edition)

    @property
    def is_model(self) -> bool:
        return self.country_id is None

    def clean(self) -> None:
        if self.model and not self.model.is_model:
            raise ValidationError({"model": _("A plan follows a model plan, not another country's plan.")})
        if self.supersedes and self.supersedes.country_id != self.country_id:
            raise ValidationError({"supersedes": _("A plan supersedes a plan of its own country.")})


class PlanPartQuerySet(models.QuerySet):
    """Rows that belong to a plan by the path `to_plan` and are found again in files by their key."""

    to_plan = "plan"

    def get_by_natural_key(self, country_code: str | None, edition: str, key: str):
        country = {f"{self.to_plan}__country__code": country_code}
        if country_code is None:
            country = {f"{self.to_plan}__country__isnull": True}
        return self.get(**country, **{f"{self.to_plan}__edition": edition, "key": key})

    def of(self, plan: Plan):
        """Those that belong to `plan`."""
        return self.filter(**{self.to_plan: plan})

    def visible_to(self, user):
        """Those whose plan `user` may read."""
        return self.filter(**{f"{self.to_plan}__in": Plan.objects.visible_to(user)})


class PlanPart(Versioned):
    """A row of a plan that travels in files: it has an immutable key and says which plan it belongs to."""

    key = KeyField()

    class Meta:
        abstract = True

    @property
    def owning_plan(self) -> Plan:
        return self.plan  # type: ignore[attr-defined]  # the default path; others override

    def natural_key(self) -> tuple[str | None, str, str]:
        return (*self.owning_plan.natural_key(), self.key)


class Area(PlanPart):
    """An area of a plan. The model's five follow the Stockholm Agenda for Action and are our classification."""

    plan = models.ForeignKey(Plan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="areas")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    name = models.CharField(_("name"), max_length=200)
    model_area = models.ForeignKey(
        "self", verbose_name=_("area of the model"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    history = HistoricalRecords()
    objects = PlanPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["order", "name"]
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="area_key_in_plan")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.model_area and self.plan_id and self.model_area.plan_id != self.plan.model_id:
            raise ValidationError({"model_area": _("This is no area of the model that the plan follows.")})


class Objective(PlanPart):
    """What a plan sets out to achieve: a row group of its table."""

    plan = models.ForeignKey(Plan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="objectives")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    code = models.CharField(_("code"), max_length=20)
    title = models.TextField(_("title"))
    area = models.ForeignKey(
        Area, verbose_name=_("area"), null=True, blank=True, on_delete=models.PROTECT, related_name="objectives"
    )
    weight = models.DecimalField(
        _("weight"), max_digits=6, decimal_places=2, default=1, validators=[MinValueValidator(Decimal("0.01"))]
    )
    covers = models.ManyToManyField(
        "self", verbose_name=_("takes up"), through="ObjectiveCoverage", symmetrical=False, related_name="covered_by"
    )

    history = HistoricalRecords()
    objects = PlanPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("objective")
        verbose_name_plural = _("objectives")
        ordering = ["order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="objective_key_in_plan"),
            models.UniqueConstraint(fields=["plan", "code"], name="objective_code_in_plan"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="objective_weight_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.code}. {self.title}"

    def clean(self) -> None:
        if self.area and self.area.plan_id != self.plan_id:
            raise ValidationError({"area": _("The area belongs to another plan.")})


class Term(PlanPart):
    """An entry of a plan's glossary, quoted, and today's term where the word has been replaced since."""

    plan = models.ForeignKey(Plan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="terms")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    abbreviation = models.CharField(_("abbreviation"), max_length=60)
    meaning = models.TextField(_("meaning"))
    todays_term = models.TextField(_("today's term"), blank=True)

    history = HistoricalRecords()
    objects = PlanPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        ordering = ["order", "abbreviation"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="term_key_in_plan"),
            models.UniqueConstraint(fields=["plan", "abbreviation"], name="term_once_in_plan"),
        ]

    def __str__(self) -> str:
        return self.abbreviation


class Wording(PlanPart):
    """Words that a quoted text uses and its glossary does not explain, with the words used today: our reading."""

    plan = models.ForeignKey(Plan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="wordings")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    quoted = models.CharField(_("words of the source"), max_length=200)
    todays_term = models.TextField(_("today's term"))

    history = HistoricalRecords()
    objects = PlanPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("wording")
        verbose_name_plural = _("wordings")
        ordering = ["order", "quoted"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="wording_key_in_plan"),
            models.UniqueConstraint(fields=["plan", "quoted"], name="wording_once_in_plan"),
        ]

    def __str__(self) -> str:
        return self.quoted

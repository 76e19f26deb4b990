"""Indicators and how they are measured: scales, baselines, targets."""

from __future__ import annotations

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from actors.models import Actor, ActorKind, Versioned
from objectives.models import Activity, Objective, Plan, PlanPart, PlanPartQuerySet


class Level(models.TextChoices):
    """Levels of OHCHR's guide "Human Rights Indicators" (HR/PUB/12/5)."""

    STRUCTURAL = "structural", _("Structural: commitments")
    PROCESS = "process", _("Process: efforts")
    OUTCOME = "outcome", _("Outcome: results for children")


class Kind(models.TextChoices):
    YES_NO = "yes_no", _("Yes or no")
    SCALE = "scale", _("Scale")
    NUMBER = "number", _("Number")
    PERCENTAGE = "percentage", _("Percentage")


class Direction(models.TextChoices):
    INCREASE = "increase", _("Should increase")
    DECREASE = "decrease", _("Should decrease")
    MAINTAIN = "maintain", _("Should stay within a range")
    CONTEXT = "context", _("Context: shown and explained, not scored")


class Accumulation(models.TextChoices):
    """How the value of a period comes from what was reported (docs/scoring.md)."""

    POINT = "point", _("Point in time")
    RUNNING_TOTAL = "running_total", _("Running total")
    SUM_PER_YEAR = "sum_per_year", _("Sum per year")
    SUM_OVER_PLAN = "sum_over_plan", _("Sum over the plan")


class Frequency(models.TextChoices):
    QUARTERLY = "quarterly", _("Every quarter")
    HALF_YEARLY = "half_yearly", _("Every half-year")
    YEARLY = "yearly", _("Every year")
    TWO_YEARLY = "two_yearly", _("Every 2 years")
    THREE_YEARLY = "three_yearly", _("Every 3 years")
    FIVE_YEARLY = "five_yearly", _("Every 5 years")


MONTHS: dict[str, int] = {
    Frequency.QUARTERLY: 3,
    Frequency.HALF_YEARLY: 6,
    Frequency.YEARLY: 12,
    Frequency.TWO_YEARLY: 24,
    Frequency.THREE_YEARLY: 36,
    Frequency.FIVE_YEARLY: 60,
}


class Scale(PlanPart):
    """A ladder of described steps, for what is there by degrees. Each plan has its own copies."""

    plan = models.ForeignKey(Plan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="scales")
    name = models.CharField(_("name"), max_length=100)

    history = HistoricalRecords()
    objects = PlanPartQuerySet.as_manager()

    class Meta:
        verbose_name = _("scale")
        verbose_name_plural = _("scales")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["plan", "key"], name="scale_key_in_plan")]

    def __str__(self) -> str:
        return self.name


class ScaleStepQuerySet(PlanPartQuerySet):
    to_plan = "scale__plan"


class ScaleStep(PlanPart):
    """A step of a scale, with the criteria by which a person decides that it is reached. Fixed once it was reported."""

    scale = models.ForeignKey(Scale, verbose_name=_("scale"), on_delete=models.CASCADE, related_name="steps")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    label = models.CharField(_("label"), max_length=100)
    criteria = models.TextField(_("criteria"), blank=True)
    score = models.DecimalField(_("score"), max_digits=4, decimal_places=3, help_text=_("From 0 to 1."))

    history = HistoricalRecords()
    objects = ScaleStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["scale", "order", "score"]
        constraints = [
            models.UniqueConstraint(fields=["scale", "key"], name="scale_step_key_in_scale"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="scale_step_score_from_0_to_1"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def owning_plan(self) -> Plan:
        return self.scale.plan

    def clean(self) -> None:
        if self.pk and self.progressreport_set.exists():
            stored = ScaleStep.objects.get(pk=self.pk)
            if (stored.criteria, stored.score, stored.scale_id) != (self.criteria, self.score, self.scale_id):
                raise ValidationError(_("This step stands in reports, so its criteria and score are fixed."))


class IndicatorQuerySet(PlanPartQuerySet):
    to_plan = "objective__plan"


class Indicator(PlanPart):
    """By what one sees that an objective is achieved. `title` is the source's text; the rest is how it is measured."""

    objective = models.ForeignKey(
        Objective, verbose_name=_("objective"), on_delete=models.CASCADE, related_name="indicators"
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    code = models.CharField(_("code"), max_length=20)
    title = models.TextField(_("title"))
    measured_as = models.TextField(
        _("measured as"), blank=True, help_text=_("What is counted or judged, in neutral words.")
    )
    note = models.TextField(_("note on measuring"), blank=True)
    activities = models.ManyToManyField(
        Activity, verbose_name=_("activities measured"), blank=True, related_name="indicators"
    )
    level = models.CharField(_("level"), max_length=12, choices=Level)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    scale = models.ForeignKey(
        Scale, verbose_name=_("scale"), null=True, blank=True, on_delete=models.PROTECT, related_name="indicators"
    )
    unit = models.CharField(_("unit"), max_length=250, blank=True)
    direction = models.CharField(_("direction"), max_length=10, choices=Direction, default=Direction.INCREASE)
    low = models.DecimalField(_("lowest wanted"), max_digits=15, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(_("highest wanted"), max_digits=15, decimal_places=4, null=True, blank=True)
    accumulation = models.CharField(_("adds up as"), max_length=15, choices=Accumulation, default=Accumulation.POINT)
    minimum_change = models.DecimalField(
        _("smallest change that counts"),
        max_digits=15,
        decimal_places=4,
        default=0,
        validators=[MinValueValidator(Decimal(0))],
    )
    baseline_value = models.DecimalField(_("baseline"), max_digits=15, decimal_places=4, null=True, blank=True)
    baseline_step = models.ForeignKey(
        ScaleStep, verbose_name=_("baseline step"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    baseline_on = models.DateField(_("date of the baseline"), null=True, blank=True)
    starts_from_zero = models.BooleanField(_("starts from zero"), default=False)
    no_baseline_reason = models.CharField(_("why there is no baseline"), max_length=300, blank=True)
    means_of_verification = models.TextField(_("means of verification"), blank=True)
    data_source = models.CharField(_("data source"), max_length=300, blank=True)
    frequency = models.CharField(_("frequency"), max_length=12, choices=Frequency, default=Frequency.HALF_YEARLY)
    reporting_actor = models.ForeignKey(
        Actor,
        verbose_name=_("reporting actor"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="indicators_reported",
    )
    contributors = models.ManyToManyField(
        Actor, verbose_name=_("contributors of data"), blank=True, related_name="indicators_contributed"
    )
    weight = models.DecimalField(
        _("weight"), max_digits=6, decimal_places=2, default=1, validators=[MinValueValidator(Decimal("0.01"))]
    )
    is_headline = models.BooleanField(_("headline indicator"), default=False)
    is_sensitive = models.BooleanField(_("sensitive"), default=False)
    counts_children = models.BooleanField(_("counts children"), default=False)
    covers = models.ManyToManyField(
        "self", verbose_name=_("takes up"), through="IndicatorCoverage", symmetrical=False, related_name="covered_by"
    )

    history = HistoricalRecords(m2m_fields=[activities, contributors])
    objects = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["objective__order", "order", "code"]
        constraints = [
            models.UniqueConstraint(fields=["objective", "key"], name="indicator_key_in_objective"),
            models.UniqueConstraint(fields=["objective", "code"], name="indicator_code_in_objective"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="indicator_weight_positive"),
            models.CheckConstraint(condition=Q(minimum_change__gte=0), name="indicator_minimum_change_not_negative"),
            models.CheckConstraint(
                condition=Q(kind="scale", scale__isnull=False) | (~Q(kind="scale") & Q(scale__isnull=True)),
                name="indicator_scale_iff_kind_is_scale",
            ),
            models.CheckConstraint(
                condition=(Q(direction="maintain", low__isnull=False, high__isnull=False) & Q(low__lte=F("high")))
                | (~Q(direction="maintain") & Q(low__isnull=True, high__isnull=True)),
                name="indicator_range_iff_maintain",
            ),
            models.CheckConstraint(
                condition=Q(baseline_value__isnull=True) | ~Q(kind="scale"), name="indicator_baseline_value_no_scale"
            ),
            models.CheckConstraint(
                condition=Q(baseline_step__isnull=True) | Q(kind="scale"), name="indicator_baseline_step_on_scale"
            ),
            models.CheckConstraint(
                condition=Q(starts_from_zero=False) | Q(baseline_value__isnull=True, baseline_step__isnull=True),
                name="indicator_one_baseline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}. {self.title}"

    @property
    def owning_plan(self) -> Plan:
        return self.objective.plan

    @property
    def months(self) -> int:
        """Months between two reports."""
        return MONTHS[self.frequency]

    @property
    def has_baseline(self) -> bool:
        """A baseline, its declared absence from zero, or the reason why there is none."""
        return (
            self.baseline_value is not None
            or self.baseline_step_id is not None
            or self.starts_from_zero
            or bool(self.no_baseline_reason)
            or self.direction in (Direction.CONTEXT, Direction.MAINTAIN)
        )

    def clean(self) -> None:
        if not self.objective_id:
            return  # the field says that it is missing
        plan = self.objective.plan
        errors: dict[str, str] = {}
        if self._is_measured_anew():
            errors["kind"] = _("Reports speak of this indicator, so its kind and its scale are fixed.")
        if self._shows_what_was_hidden():
            errors["counts_children"] = _("It was reported on as a count of children, whose small numbers stay hidden.")
        if self.scale and self.scale.plan_id != plan.pk:
            errors["scale"] = _("The scale belongs to another plan.")
        if self.baseline_step and self.baseline_step.scale_id != self.scale_id:
            errors["baseline_step"] = _("This is no step of the indicator's scale.")
        elif self._leaves_a_report_behind():
            errors["reporting_actor"] = _(
                "A report of the present organisation is on its way. Let it be finished first."
            )
        fault = None if self.baseline_value is None else _value_fault(self.kind, self.baseline_value)
        if fault:
            errors["baseline_value"] = fault
        if self.reporting_actor and self.reporting_actor.country_id != plan.country_id:
            errors["reporting_actor"] = _("The actor belongs to another country.")
        elif self.reporting_actor and self.reporting_actor.kind == ActorKind.CHILDREN:
            errors["reporting_actor"] = _("Children take part, but never report.")
        if self._lacks_its_range():
            errors["low"] = _("An indicator to be kept within a range needs the lowest and the highest value wanted.")
        if errors:
            raise ValidationError(errors)

    def _leaves_a_report_behind(self) -> bool:
        """Whether the reporting actor changes while a report of the one before is on its way, which it could not end."""
        stored = self.pk and Indicator.objects.filter(pk=self.pk).values_list("reporting_actor", flat=True).first()
        return bool(stored) and stored != self.reporting_actor_id and self.reports.official().open().exists()

    def _lacks_its_range(self) -> bool:
        return self.direction == Direction.MAINTAIN and (self.low is None or self.high is None)

    def _shows_what_was_hidden(self) -> bool:
        """Whether it no longer counts children although it did when it was reported on."""
        if not self.pk or self.counts_children or not self.reports.exists():
            return False
        return Indicator.objects.filter(pk=self.pk, counts_children=True).exists()

    def _is_measured_anew(self) -> bool:
        """Whether its kind or scale differs from the stored one although reports speak of it."""
        if not self.pk or not self.reports.exists():
            return False
        stored = Indicator.objects.filter(pk=self.pk).values_list("kind", "scale").first()
        return stored is not None and stored != (self.kind, self.scale_id)


def _value_fault(kind: str, value: Decimal) -> str | None:
    if kind == Kind.YES_NO and value not in (0, 1):
        return _("Yes is 1 and no is 0.")
    if kind == Kind.PERCENTAGE and not 0 <= value <= 100:
        return _("A percentage lies between 0 and 100.")
    if kind == Kind.NUMBER and value < 0:
        return _("The number cannot be below 0.")
    return None


def validate_value(indicator: Indicator, value: Decimal | None, step: ScaleStep | None) -> None:
    """Raises ValidationError, by field, unless `value` or `step` fits the indicator's kind and scale."""
    if indicator.kind == Kind.SCALE:
        if value is not None:
            raise ValidationError({"value": _("This indicator is reported as a step of its scale.")})
        if step is not None and step.scale_id != indicator.scale_id:
            raise ValidationError({"step": _("This is no step of the indicator's scale.")})
    else:
        if step is not None:
            raise ValidationError({"step": _("This indicator has no scale.")})
        message = _value_fault(indicator.kind, value) if value is not None else None
        if message:
            raise ValidationError({"value": message})


class TargetQuerySet(models.QuerySet):
    def get_by_natural_key(self, country, edition, key, due_on) -> Target:
        return self.get(indicator=Indicator.objects.get_by_natural_key(country, edition, key), due_on=due_on)

    def visible_to(self, user) -> TargetQuerySet:
        """Those whose plan `user` may read."""
        return self.filter(indicator__objective__plan__in=Plan.objects.visible_to(user))


class Target(Versioned):
    """The value, or the step, that an indicator is to reach by a day."""

    indicator = models.ForeignKey(
        Indicator, verbose_name=_("indicator"), on_delete=models.CASCADE, related_name="targets"
    )
    due_on = models.DateField(_("due on"))
    value = models.DecimalField(_("value"), max_digits=15, decimal_places=4, null=True, blank=True)
    step = models.ForeignKey(
        ScaleStep, verbose_name=_("step"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    history = HistoricalRecords()
    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(fields=["indicator", "due_on"], name="target_once_a_day"),
            models.CheckConstraint(
                condition=Q(value__isnull=False, step__isnull=True) | Q(value__isnull=True, step__isnull=False),
                name="target_value_or_step",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step or self.value} ({self.due_on})"

    def natural_key(self) -> tuple:
        return (*self.indicator.natural_key(), self.due_on.isoformat())

    def clean(self) -> None:
        if self.indicator_id:
            validate_value(self.indicator, self.value, self.step)

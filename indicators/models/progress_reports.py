"""Progress reports: what an actor says of an indicator in a period, in one of two streams."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from actors.models import Role, rights_of
from indicators.models.indicators import Indicator, Kind, ScaleStep, validate_value
from indicators.models.reports import OFFICIAL_STATES, OPEN_STATES, TEXT_LIMIT, Report, ReportQuerySet, ReportState
from objectives.models import Plan, Responsibility

INDEPENDENT_STATES = [ReportState.DRAFT, ReportState.PUBLISHED, ReportState.WITHDRAWN]


class Stream(models.TextChoices):
    OFFICIAL = "official", _("Official")
    INDEPENDENT = "independent", _("Independent")


class DataState(models.TextChoices):
    REPORTED = "reported", _("Value reported")
    NO_DATA = "no_data", _("No data exist")
    NOT_YET_AVAILABLE = "not_yet_available", _("Not yet available")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    JUDGEMENT = "judgement", _("Judgement only, no figure")


class Judgement(models.TextChoices):
    """What an assessor without a figure says of the official one."""

    AGREE = "agree", _("Agrees")
    PARTLY = "partly", _("Agrees in part")
    DISAGREE = "disagree", _("Disagrees")
    CANNOT_TELL = "cannot_tell", _("Cannot tell")


class ProgressReportQuerySet(ReportQuerySet):
    def get_by_natural_key(self, country, edition, key, ends_on, stream, actor_key, revision) -> ProgressReport:
        return self.get(
            indicator=Indicator.objects.get_by_natural_key(country, edition, key),
            period_end=ends_on,
            stream=stream,
            actor__key=actor_key,
            revision=revision,
        )

    def open_beside(self, report: ProgressReport) -> ProgressReport | None:
        """The open report of the same indicator, period and stream: of the same assessor, where it is independent."""
        beside = self.open().filter(indicator=report.indicator_id, period=report.period_id, stream=report.stream)
        return (beside.filter(actor=report.actor_id) if report.is_independent else beside).first()

    def official(self) -> ProgressReportQuerySet:
        return self.filter(stream=Stream.OFFICIAL)

    def independent(self) -> ProgressReportQuerySet:
        return self.filter(stream=Stream.INDEPENDENT)

    def published(self) -> ProgressReportQuerySet:
        return self.filter(state=ReportState.PUBLISHED)

    def current(self) -> ProgressReportQuerySet:
        """Verified and published reports that no verified or published revision has superseded."""
        counted = [ReportState.VERIFIED, ReportState.PUBLISHED]
        # What its authors corrected does not come back when they withdraw the correction.
        return self.filter(state__in=counted).exclude(corrected_by__state__in=[*counted, ReportState.WITHDRAWN])

    def visible_to(self, user) -> ProgressReportQuerySet:
        """Reports that `user` may read (docs/roles.md): public ones of plans that `user` may read, submitted ones for
        the focal points and the committee of the country, drafts for their own organisation."""
        analyst_of = rights_of(user).actors_as(Role.ANALYST)
        return self.filter(
            Q(pk__in=self.model.objects.public(), **{f"{self.to_plan}__in": Plan.objects.visible_to(user)})
            | (Q(stream=Stream.OFFICIAL) & self._visible_official(user))
            | Q(stream=Stream.INDEPENDENT, actor__in=analyst_of)
        )


class ProgressReport(Report):
    """What an actor says of an indicator in a period: the official stream, or an independent assessment."""

    indicator = models.ForeignKey(
        Indicator, verbose_name=_("indicator"), on_delete=models.PROTECT, related_name="reports"
    )
    stream = models.CharField(_("stream"), max_length=12, choices=Stream, default=Stream.OFFICIAL)
    data_state = models.CharField(_("what is known"), max_length=20, choices=DataState, default=DataState.REPORTED)
    value = models.DecimalField(_("value"), max_digits=15, decimal_places=4, null=True, blank=True)
    step = models.ForeignKey(ScaleStep, verbose_name=_("step"), null=True, blank=True, on_delete=models.PROTECT)
    numerator = models.DecimalField(
        _("numerator"),
        max_digits=15,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    denominator = models.DecimalField(_("denominator"), max_digits=15, decimal_places=4, null=True, blank=True)
    judgement = models.CharField(_("judgement"), max_length=12, choices=Judgement, blank=True)
    expected_on = models.DateField(_("expected on"), null=True, blank=True)
    reference_from = models.DateField(_("the value speaks of the time from"), null=True, blank=True)
    reference_to = models.DateField(_("until"), null=True, blank=True)
    narrative = models.TextField(_("what the value says"), blank=True, max_length=TEXT_LIMIT)
    challenges = models.TextField(_("challenges"), blank=True, max_length=TEXT_LIMIT)
    next_steps = models.TextField(_("next steps"), blank=True, max_length=TEXT_LIMIT)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawal_reason = models.TextField(_("reason for the withdrawal"), blank=True, max_length=TEXT_LIMIT)

    history = HistoricalRecords()
    objects = ProgressReportQuerySet.as_manager()

    class Meta(Report.Meta):
        abstract = False
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        ordering = ["-period_end", "stream", "-revision"]
        indexes = [
            models.Index(
                fields=["indicator", "stream", "state", "-period_end", "-revision"], name="progressreport_latest"
            )
        ]
        constraints = [
            *Report.Meta.constraints,
            models.CheckConstraint(
                condition=Q(data_state="reported", value__isnull=False, step__isnull=True)
                | Q(data_state="reported", value__isnull=True, step__isnull=False)
                | (~Q(data_state="reported") & Q(value__isnull=True, step__isnull=True))
                # what is being written may still lack its figure, but never holds two
                | (
                    Q(data_state="reported", state__in=["draft", "returned"])
                    & (Q(value__isnull=True) | Q(step__isnull=True))
                ),
                name="progressreport_value_or_step_iff_reported",
            ),
            models.CheckConstraint(
                condition=~Q(data_state="judgement")
                | (Q(stream="independent") & (~Q(judgement="") | Q(state="draft"))),
                name="progressreport_judgement_only_independent",
            ),
            models.CheckConstraint(
                condition=Q(judgement="") | Q(stream="independent"), name="progressreport_judges_only_independent"
            ),
            models.CheckConstraint(
                condition=Q(numerator__isnull=True, denominator__isnull=True)
                | Q(numerator__isnull=False, numerator__gte=0, denominator__isnull=False, denominator__gt=0),
                name="progressreport_denominator_positive",
            ),
            models.CheckConstraint(
                condition=Q(expected_on__isnull=True) | Q(data_state="not_yet_available"),
                name="progressreport_expected_if_not_yet",
            ),
            models.CheckConstraint(
                condition=Q(reference_from__isnull=True)
                | Q(reference_to__isnull=True)
                | Q(reference_to__gte=F("reference_from")),
                name="progressreport_reference_in_order",
            ),
            models.CheckConstraint(
                condition=Q(stream="official", state__in=OFFICIAL_STATES)
                | Q(stream="independent", state__in=INDEPENDENT_STATES),
                name="progressreport_states_of_stream",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "withdrawn"])
                | Q(published_at__isnull=False, author__isnull=False),
                name="progressreport_published_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="progressreport_withdrawn_has_reason",
            ),
            models.UniqueConstraint(
                fields=["indicator", "period", "revision"],
                condition=Q(stream="official"),
                name="progressreport_official_revision",
            ),
            models.UniqueConstraint(
                fields=["indicator", "period", "actor", "revision"],
                condition=Q(stream="independent"),
                name="progressreport_independent_revision",
            ),
            models.UniqueConstraint(
                fields=["indicator", "period"],
                condition=Q(stream="official", state__in=OPEN_STATES),
                name="progressreport_one_open_official",
            ),
            models.UniqueConstraint(
                fields=["indicator", "period", "actor"],
                condition=Q(stream="independent", state="draft"),
                name="progressreport_one_open_independent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period_end} {self.stream} r{self.revision}"

    @property
    def subject(self) -> Indicator:
        return self.indicator

    @property
    def is_independent(self) -> bool:
        return self.stream == Stream.INDEPENDENT

    @property
    def reference_on(self) -> date:
        """The day that the value speaks of: the end of the time it was measured in, or of the period."""
        return self.reference_to or self.period_end

    @property
    def is_about_own_activity(self) -> bool:
        """Whether the assessor answers for an activity that the indicator measures. One query."""
        return Responsibility.objects.filter(activity__indicators=self.indicator_id, actor=self.actor_id).exists()

    @property
    def receipt(self) -> str:
        """SHA-256, in hexadecimal, of what a published assessment says: its author can show that nobody changed it."""
        said = {
            "indicator": list(self.indicator.natural_key()),
            "period": self.period_end.isoformat(),
            "actor": self.actor.key,
            "revision": self.revision,
            "data_state": self.data_state,
            "value": None if self.value is None else f"{self.value:.4f}",
            "step": self.step.key if self.step else None,
            "judgement": self.judgement,
            "narrative": self.narrative,
            "challenges": self.challenges,
            "next_steps": self.next_steps,
            "published_at": self.published_at.isoformat() if self.published_at else None,
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def natural_key(self) -> tuple:
        return (
            *self.indicator.natural_key(),
            self.period_end.isoformat(),
            self.stream,
            self.actor.key,
            self.revision,
        )

    def clean(self) -> None:
        super().clean()
        if self.is_independent and not self.actor.can_assess:
            raise ValidationError(
                {"actor": _("Independent assessments come from civil-society and independent organisations.")}
            )
        validate_value(self.indicator, self.value, self.step)
        if self.numerator is not None and self.indicator.kind != Kind.PERCENTAGE:
            raise ValidationError({"numerator": _("Only percentages have a numerator and a denominator.")})
        if self.numerator is not None and self.denominator and self.value is not None:
            share = (self.numerator / self.denominator * 100).quantize(Decimal("0.0001"))
            if share != self.value.quantize(Decimal("0.0001")):
                raise ValidationError({"value": _("The percentage is not that of the numerator and the denominator.")})

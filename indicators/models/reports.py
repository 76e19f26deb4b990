"""What was reported: progress reports of two streams, activity reports, and the evidence for them."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from actors.models import Actor, LinkField, Role, User, Versioned, rights_of
from indicators.models.indicators import Indicator, Kind, ScaleStep, validate_value
from indicators.models.periods import ReportingPeriod
from objectives.models import Activity, Plan, Responsibility

PROVISIONAL_AFTER = timedelta(days=45)  # a submitted report is shown in public, marked, when it has waited this long
TEXT_LIMIT = 8000  # characters


class Stream(models.TextChoices):
    OFFICIAL = "official", _("Official")
    INDEPENDENT = "independent", _("Independent")


class DataState(models.TextChoices):
    REPORTED = "reported", _("Value reported")
    NO_DATA = "no_data", _("No data exist")
    NOT_YET_AVAILABLE = "not_yet_available", _("Not yet available")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    JUDGEMENT = "judgement", _("Judgement only, no figure")


class ReportState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for verification")
    RETURNED = "returned", _("Returned")
    VERIFIED = "verified", _("Verified")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OFFICIAL_STATES = [ReportState.DRAFT, ReportState.SUBMITTED, ReportState.RETURNED, ReportState.VERIFIED]
INDEPENDENT_STATES = [ReportState.DRAFT, ReportState.PUBLISHED, ReportState.WITHDRAWN]
OPEN_STATES = [ReportState.DRAFT, ReportState.SUBMITTED, ReportState.RETURNED]


class Judgement(models.TextChoices):
    """What an assessor without a figure says of the official one."""

    AGREE = "agree", _("Agrees")
    PARTLY = "partly", _("Agrees in part")
    DISAGREE = "disagree", _("Disagrees")
    CANNOT_TELL = "cannot_tell", _("Cannot tell")


class VerificationMethod(models.TextChoices):
    DOCUMENT = "document", _("Document seen")
    SOURCE = "source", _("Source of the data asked")
    VISIT = "visit", _("Visit")


class DataQuality(models.TextChoices):
    A = "A", _("A: complete, checked against its source")
    B = "B", _("B: complete, plausible, not checked")
    C = "C", _("C: incomplete or estimated")
    D = "D", _("D: weak, to be used with caution")


class ReportQuerySet(models.QuerySet):
    """What progress reports and activity reports have in common."""

    to_plan = "indicator__objective__plan"

    def of(self, plan: Plan):
        return self.filter(**{self.to_plan: plan})

    def verified(self):
        return self.filter(state=ReportState.VERIFIED)

    def open(self):
        """Official reports on their way: drafts, submitted and returned ones."""
        return self.filter(state__in=OPEN_STATES)

    def public(self, now=None):
        """What anybody may read where the plan is public: verified, provisional, published, and withdrawn as a trace."""
        provisional_since = (now or timezone.now()) - PROVISIONAL_AFTER
        return self.filter(
            Q(state__in=[ReportState.VERIFIED, ReportState.PUBLISHED, ReportState.WITHDRAWN])
            | Q(state=ReportState.SUBMITTED, submitted_at__lte=provisional_since)
        )

    def _visible_official(self, user) -> Q:
        rights = rights_of(user)
        committee = rights.countries_as(Role.FOCAL_POINT, Role.VERIFIER, Role.COORDINATOR)
        own = rights.actors_as(Role.FOCAL_POINT)
        return Q(
            **{f"{self.to_plan}__country__in": committee},
            state__in=[ReportState.SUBMITTED, ReportState.RETURNED],
        ) | Q(Q(actor__in=own) | Q(entered_by__in=own), state__in=OPEN_STATES)


class Report(Versioned):
    """The life of a report: draft, submitted, verified or returned. A verified one is fixed; a correction is a new
    revision that supersedes it."""

    period = models.ForeignKey(ReportingPeriod, verbose_name=_("reporting period"), on_delete=models.PROTECT)
    period_end = models.DateField(_("end of the period"), editable=False)
    actor = models.ForeignKey(Actor, verbose_name=_("actor"), on_delete=models.PROTECT)
    entered_by = models.ForeignKey(
        Actor,
        verbose_name=_("entered on its behalf by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    state = models.CharField(_("state"), max_length=10, choices=ReportState, default=ReportState.DRAFT)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1, editable=False)
    supersedes = models.OneToOneField(
        "self", verbose_name=_("corrects"), null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    correction_reason = models.TextField(_("reason for the correction"), blank=True, max_length=TEXT_LIMIT)
    author = models.ForeignKey(
        User, verbose_name=_("author"), null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    submitted_by = models.ForeignKey(
        User, verbose_name=_("submitted by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    return_reason = models.TextField(_("reason for the return"), blank=True, max_length=TEXT_LIMIT)
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True)
    verified_by = models.ForeignKey(
        User, verbose_name=_("verified by"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verifier_actor = models.ForeignKey(
        Actor, verbose_name=_("verified for"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    verification_method = models.CharField(
        _("method of verification"), max_length=10, choices=VerificationMethod, blank=True
    )
    data_quality = models.CharField(_("data quality"), max_length=1, choices=DataQuality, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed at"), auto_now=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="returned") | ~Q(return_reason=""), name="%(class)s_returned_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted")
                | Q(submitted_by__isnull=False, submitted_at__isnull=False, author__isnull=False),
                name="%(class)s_submitted_by_whom",
            ),
            # Each comparison stands beside "is not null": a bare <> is neither true nor false for NULL and lets it by.
            models.CheckConstraint(
                condition=~Q(state="verified")
                | (
                    Q(
                        author__isnull=False,
                        submitted_by__isnull=False,
                        verified_by__isnull=False,
                        verifier_actor__isnull=False,
                        verified_at__isnull=False,
                    )
                    & ~Q(verified_by=F("author"))
                    & ~Q(verified_by=F("submitted_by"))
                    & ~Q(verifier_actor=F("actor"))
                ),
                name="%(class)s_verified_by_another",
            ),
            models.CheckConstraint(
                condition=Q(revision=1, supersedes__isnull=True) | Q(revision__gt=1, supersedes__isnull=False),
                name="%(class)s_correction_supersedes",
            ),
            models.CheckConstraint(
                condition=Q(revision=1) | ~Q(correction_reason=""), name="%(class)s_correction_has_reason"
            ),
        ]

    @property
    def subject(self) -> Indicator | Activity:
        """The indicator or the activity that the report speaks of."""
        raise NotImplementedError

    @property
    def plan(self) -> Plan:
        return self.subject.objective.plan

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_editable(self) -> bool:
        """Whether its own organisation may still change it."""
        return self.state in (ReportState.DRAFT, ReportState.RETURNED)

    @property
    def is_late(self) -> bool:
        """Submitted after the day it was due."""
        return self.submitted_at is not None and self.submitted_at.date() > self.period.due_on

    @property
    def is_provisional(self) -> bool:
        """Shown in public although not verified, because it has waited long enough."""
        return (
            self.state == ReportState.SUBMITTED
            and self.submitted_at is not None
            and timezone.now() - self.submitted_at >= PROVISIONAL_AFTER
        )

    def clean(self) -> None:
        if self.period.plan_id != self.plan.pk:
            raise ValidationError({"period": _("The reporting period belongs to another plan.")})
        if self.actor.country_id != self.plan.country_id:
            raise ValidationError({"actor": _("The actor belongs to another country.")})
        if self.entered_by and self.entered_by.country_id != self.plan.country_id:
            raise ValidationError({"entered_by": _("The actor belongs to another country.")})


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
        return self.filter(state__in=counted).exclude(corrected_by__state__in=counted)

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
                # a draft may still lack its figure, but never holds two
                | (Q(data_state="reported", state="draft") & (Q(value__isnull=True) | Q(step__isnull=True))),
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


class ActivityProgress(models.TextChoices):
    NOT_BEGUN = "not_begun", _("Not begun")
    UNDER_WAY = "under_way", _("Under way")
    DONE = "done", _("Done")
    DELAYED = "delayed", _("Delayed")
    STOPPED = "stopped", _("Stopped")


class ActivityReportQuerySet(ReportQuerySet):
    to_plan = "activity__objective__plan"

    def get_by_natural_key(self, country, edition, key, ends_on, revision) -> ActivityReport:
        return self.get(
            activity=Activity.objects.get_by_natural_key(country, edition, key), period_end=ends_on, revision=revision
        )

    def open_beside(self, report: ActivityReport) -> ActivityReport | None:
        """The open report of the same activity and period."""
        return self.open().filter(activity=report.activity_id, period=report.period_id).first()

    def current(self) -> ActivityReportQuerySet:
        """Verified reports that no verified revision has superseded."""
        return self.verified().exclude(corrected_by__state=ReportState.VERIFIED)

    def visible_to(self, user) -> ActivityReportQuerySet:
        """Activity reports that `user` may read, by the same rules as official progress reports."""
        return self.filter(
            Q(pk__in=self.model.objects.public(), **{f"{self.to_plan}__in": Plan.objects.visible_to(user)})
            | self._visible_official(user)
        )


class ActivityReport(Report):
    """What the lead of an activity says of how far it is."""

    activity = models.ForeignKey(Activity, verbose_name=_("activity"), on_delete=models.PROTECT, related_name="reports")
    progress = models.CharField(_("how far it is"), max_length=10, choices=ActivityProgress)
    what_was_done = models.TextField(_("what was done"), blank=True, max_length=TEXT_LIMIT)
    reason = models.TextField(
        _("reason"), blank=True, max_length=TEXT_LIMIT, help_text=_("Why it is delayed or stopped.")
    )
    spent = models.DecimalField(
        _("spent in the period"),
        max_digits=15,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )

    history = HistoricalRecords()
    objects = ActivityReportQuerySet.as_manager()

    class Meta(Report.Meta):
        abstract = False
        verbose_name = _("activity report")
        verbose_name_plural = _("activity reports")
        ordering = ["-period_end", "-revision"]
        constraints = [
            *Report.Meta.constraints,
            models.CheckConstraint(condition=Q(state__in=OFFICIAL_STATES), name="activityreport_states_of_stream"),
            models.CheckConstraint(
                condition=Q(spent__isnull=True) | Q(spent__gte=0), name="activityreport_spent_not_negative"
            ),
            models.CheckConstraint(
                condition=~Q(progress__in=["delayed", "stopped"]) | ~Q(reason="") | Q(state="draft"),
                name="activityreport_delay_has_reason",
            ),
            models.UniqueConstraint(fields=["activity", "period", "revision"], name="activityreport_revision"),
            models.UniqueConstraint(
                fields=["activity", "period"], condition=Q(state__in=OPEN_STATES), name="activityreport_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.period_end} r{self.revision}"

    @property
    def subject(self) -> Activity:
        return self.activity

    def natural_key(self) -> tuple:
        return (*self.activity.natural_key(), self.period_end.isoformat(), self.revision)


class EvidenceKind(models.TextChoices):
    LAW = "law", _("Law gazetted")
    BUDGET = "budget", _("Budget line")
    STATISTICS = "statistics", _("Official statistics")
    EVALUATION = "evaluation", _("Evaluation or study")
    TRAINING = "training", _("Training record")
    PROCEDURE = "procedure", _("Procedure or instruction")
    MINUTES = "minutes", _("Minutes")
    STATEMENT = "statement", _("Statement")
    OTHER = "other", _("Other")


class Visibility(models.TextChoices):
    PUBLIC = "public", _("Everybody who may read the report")
    COALITION = "coalition", _("People with an account in the country")
    RESTRICTED = "restricted", _("Our organisation; of an official report, the committee too")


class EvidenceQuerySet(models.QuerySet):
    def get_by_natural_key(self, *parts) -> Evidence:
        *report, url = parts
        return self.get(report=ProgressReport.objects.get_by_natural_key(*report), url=url)

    def visible_to(self, user) -> EvidenceQuerySet:
        """Evidence of reports that `user` may read, within its own visibility."""
        rights = rights_of(user)
        country = "report__indicator__objective__plan__country__in"
        return self.filter(report__in=ProgressReport.objects.visible_to(user)).filter(
            Q(visibility=Visibility.PUBLIC)
            | Q(visibility=Visibility.COALITION, **{country: rights.country_ids})
            | Q(report__actor__in=rights.actor_ids)
            | Q(report__entered_by__in=rights.actor_ids)
            | Q(report__stream=Stream.OFFICIAL, **{country: rights.countries_as(Role.VERIFIER, Role.COORDINATOR)})
        )


class Evidence(Versioned):
    """A link to what shows that a report is true. The server never fetches it."""

    report = models.ForeignKey(
        ProgressReport, verbose_name=_("report"), on_delete=models.CASCADE, related_name="evidence"
    )
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=12, choices=EvidenceKind, default=EvidenceKind.OTHER)
    issuer = models.CharField(_("issuer"), max_length=200, blank=True)
    issued_on = models.DateField(_("date"), null=True, blank=True)
    url = LinkField(_("link"), max_length=500)
    visibility = models.CharField(_("who can see it"), max_length=12, choices=Visibility, default=Visibility.PUBLIC)

    history = HistoricalRecords()
    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["report", "id"]
        constraints = [
            models.UniqueConstraint(fields=["report", "url"], name="evidence_once_in_report"),
            models.CheckConstraint(condition=Q(url__regex=r"^https?://"), name="evidence_link_is_http"),
        ]

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple:
        return (*self.report.natural_key(), self.url)

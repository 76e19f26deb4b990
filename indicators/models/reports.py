"""What all reports have in common: their states, who wrote, submitted and verified them, and corrections."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from actors.models import Actor, Role, User, Versioned, rights_of
from indicators.models.indicators import Indicator
from indicators.models.periods import ReportingPeriod
from objectives.models import Activity, Plan

PROVISIONAL_AFTER = timedelta(days=45)  # a submitted report is shown in public, marked, when it has waited this long
TEXT_LIMIT = 8000  # characters


class ReportState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for verification")
    RETURNED = "returned", _("Returned")
    VERIFIED = "verified", _("Verified")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


OFFICIAL_STATES = [ReportState.DRAFT, ReportState.SUBMITTED, ReportState.RETURNED, ReportState.VERIFIED]
OPEN_STATES = [ReportState.DRAFT, ReportState.SUBMITTED, ReportState.RETURNED]


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

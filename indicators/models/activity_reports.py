"""Activity reports: what the lead of an activity says of how far it is."""

from __future__ import annotations

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from indicators.models.reports import OFFICIAL_STATES, OPEN_STATES, TEXT_LIMIT, Report, ReportQuerySet, ReportState
from objectives.models import Activity, Plan


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
                condition=~Q(progress__in=["delayed", "stopped"]) | ~Q(reason="") | Q(state__in=["draft", "returned"]),
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

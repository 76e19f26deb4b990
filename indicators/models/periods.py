"""When a plan reports."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from actors.models import Versioned
from objectives.models import Plan


class ReportingPeriodQuerySet(models.QuerySet):
    def get_by_natural_key(self, country, edition, ends_on) -> ReportingPeriod:
        return self.get(plan=Plan.objects.get_by_natural_key(country, edition), ends_on=ends_on)

    def of(self, plan: Plan) -> ReportingPeriodQuerySet:
        return self.filter(plan=plan)

    def visible_to(self, user) -> ReportingPeriodQuerySet:
        """Those whose plan `user` may read."""
        return self.filter(plan__in=Plan.objects.visible_to(user))


class ReportingPeriod(Versioned):
    """The time until `ends_on`, from the day after the period before it: so two periods cannot overlap."""

    plan = models.ForeignKey(Plan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="periods")
    ends_on = models.DateField(_("ends on"))
    due_on = models.DateField(_("reports due on"))
    locked = models.BooleanField(_("locked"), default=False)

    history = HistoricalRecords()
    objects = ReportingPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = _("reporting period")
        verbose_name_plural = _("reporting periods")
        ordering = ["ends_on"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "ends_on"], name="period_once_in_plan"),
            models.CheckConstraint(condition=Q(due_on__gte=F("ends_on")), name="period_due_after_end"),
        ]

    def __str__(self) -> str:
        return _("period to %(day)s") % {"day": self.ends_on.isoformat()}

    def natural_key(self) -> tuple:
        return (*self.plan.natural_key(), self.ends_on.isoformat())

    def starts_on(self) -> date | None:
        """The day after the period before it ended; the plan's first day for the first. One query."""
        before = (
            ReportingPeriod.objects.filter(plan=self.plan_id, ends_on__lt=self.ends_on).order_by("-ends_on").first()
        )
        return before.ends_on + timedelta(days=1) if before else self.plan.starts_on

    def clean(self) -> None:
        if self.pk and (self.progressreport_set.exists() or self.activityreport_set.exists()):
            stored = ReportingPeriod.objects.get(pk=self.pk)
            if stored.ends_on != self.ends_on:
                raise ValidationError({"ends_on": _("Reports speak of this period, so its last day is fixed.")})

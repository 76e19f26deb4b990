"""Evidence: links to what shows that a report is true."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from actors.models import LinkField, Role, Versioned, rights_of
from indicators.models.progress_reports import ProgressReport, Stream


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

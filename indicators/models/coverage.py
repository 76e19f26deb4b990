"""What a country took up of the model's indicators, and why it left the rest out."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from indicators.models.indicators import Indicator
from objectives.models import OmissionBase, Plan
from objectives.models.coverage import Coverage, CoverageQuerySet


class IndicatorCoverage(Coverage):
    item = models.ForeignKey(Indicator, verbose_name=_("indicator"), on_delete=models.CASCADE, related_name="coverage")
    model_item = models.ForeignKey(
        Indicator, verbose_name=_("indicator of the model"), on_delete=models.PROTECT, related_name="coverage_of"
    )

    history = HistoricalRecords()
    objects = CoverageQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator taken up")
        verbose_name_plural = _("indicators taken up")
        constraints = [models.UniqueConstraint(fields=["item", "model_item"], name="indicator_coverage_once")]


class IndicatorOmissionQuerySet(models.QuerySet):
    def get_by_natural_key(self, country, edition, key) -> IndicatorOmission:
        return self.get(plan=Plan.objects.get_by_natural_key(country, edition), model_indicator__key=key)

    def visible_to(self, user) -> IndicatorOmissionQuerySet:
        """Those whose plan `user` may read."""
        return self.filter(plan__in=Plan.objects.visible_to(user))


class IndicatorOmission(OmissionBase):
    """An indicator of the model that a plan does not take up."""

    plan = models.ForeignKey(Plan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="indicator_omissions")
    model_indicator = models.ForeignKey(
        Indicator, verbose_name=_("indicator of the model"), on_delete=models.PROTECT, related_name="omitted_by"
    )

    history = HistoricalRecords()
    objects = IndicatorOmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("omission of an indicator")
        verbose_name_plural = _("omissions of indicators")
        constraints = [
            models.UniqueConstraint(fields=["plan", "model_indicator"], name="indicator_omission_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="indicator_omission_has_reason"),
            models.CheckConstraint(
                condition=~Q(kind="elsewhere") | ~Q(programme=""), name="indicator_omission_names_programme"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_indicator}: {self.get_kind_display()}"

    @property
    def model_item(self) -> Indicator:
        return self.model_indicator

    def natural_key(self) -> tuple:
        return (*self.plan.natural_key(), self.model_indicator.key)

    def clean(self) -> None:
        if self.model_indicator_id and self.model_indicator.owning_plan.pk != self.plan.model_id:
            raise ValidationError({"model_indicator": _("This is no item of the model that the plan follows.")})

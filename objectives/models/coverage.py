"""What a country took up of the model, as it stands or adapted, and why it left the rest out."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from actors.models import LinkField, Versioned
from objectives.models.activities import Activity
from objectives.models.plans import Objective, Plan, PlanPart


class CoverageManner(models.TextChoices):
    ADOPTED = "adopted", _("Adopted as it stands")
    ADAPTED = "adapted", _("Adapted")


class Coverage(Versioned):
    """A national item takes up an item of the model, of the same kind. `ITEM` is what both ends are."""

    manner = models.CharField(_("manner"), max_length=10, choices=CoverageManner, default=CoverageManner.ADAPTED)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.item} ← {self.model_item}"  # type: ignore[attr-defined]

    def natural_key(self) -> tuple:
        return (*self.item.natural_key(), *self.model_item.natural_key())  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.item_id and self.model_item_id:  # type: ignore[attr-defined]
            validate_coverage(self.item, self.model_item)  # type: ignore[attr-defined]


class CoverageQuerySet(models.QuerySet):
    def get_by_natural_key(self, country, edition, key, model_country, model_edition, model_key):
        items = self.model._meta.get_field("item").related_model.objects
        return self.get(
            item=items.get_by_natural_key(country, edition, key),
            model_item=items.get_by_natural_key(model_country, model_edition, model_key),
        )

    def visible_to(self, user) -> CoverageQuerySet:
        """Those whose national item `user` may read."""
        items = self.model._meta.get_field("item").related_model.objects
        return self.filter(item__in=items.visible_to(user))


def validate_coverage(item: PlanPart, model_item: PlanPart) -> None:
    """Raises ValidationError unless `model_item` belongs to the model that the plan of `item` follows."""
    if item.owning_plan.model_id is None or model_item.owning_plan.pk != item.owning_plan.model_id:
        raise ValidationError({"model_item": _("This is no item of the model that the plan follows.")})


class ObjectiveCoverage(Coverage):
    item = models.ForeignKey(Objective, verbose_name=_("objective"), on_delete=models.CASCADE, related_name="coverage")
    model_item = models.ForeignKey(
        Objective, verbose_name=_("objective of the model"), on_delete=models.PROTECT, related_name="coverage_of"
    )

    history = HistoricalRecords()
    objects = CoverageQuerySet.as_manager()

    class Meta:
        verbose_name = _("objective taken up")
        verbose_name_plural = _("objectives taken up")
        constraints = [models.UniqueConstraint(fields=["item", "model_item"], name="objective_coverage_once")]


class ActivityCoverage(Coverage):
    item = models.ForeignKey(Activity, verbose_name=_("activity"), on_delete=models.CASCADE, related_name="coverage")
    model_item = models.ForeignKey(
        Activity, verbose_name=_("activity of the model"), on_delete=models.PROTECT, related_name="coverage_of"
    )

    history = HistoricalRecords()
    objects = CoverageQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity taken up")
        verbose_name_plural = _("activities taken up")
        constraints = [models.UniqueConstraint(fields=["item", "model_item"], name="activity_coverage_once")]


class OmissionKind(models.TextChoices):
    LEFT_OUT = "left_out", _("Left out")
    ELSEWHERE = "elsewhere", _("Taken up outside this plan")


class OmissionBase(Versioned):
    """Why a plan does not take up an item of its model."""

    kind = models.CharField(_("decision"), max_length=10, choices=OmissionKind, default=OmissionKind.LEFT_OUT)
    reason = models.TextField(_("reason"))
    programme = models.CharField(_("programme that takes it up"), max_length=300, blank=True)
    url = LinkField(_("link"), blank=True)

    class Meta:
        abstract = True


class OmissionQuerySet(models.QuerySet):
    def get_by_natural_key(self, country, edition, kind, key) -> Omission:
        plan = Plan.objects.get_by_natural_key(country, edition)
        return self.get(plan=plan, **{f"{kind}__key": key})

    def visible_to(self, user) -> OmissionQuerySet:
        """Those whose plan `user` may read."""
        return self.filter(plan__in=Plan.objects.visible_to(user))


class Omission(OmissionBase):
    """An objective or an activity of the model that a plan does not take up."""

    plan = models.ForeignKey(Plan, verbose_name=_("plan"), on_delete=models.CASCADE, related_name="omissions")
    model_objective = models.ForeignKey(
        Objective,
        verbose_name=_("objective of the model"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="omitted_by",
    )
    model_activity = models.ForeignKey(
        Activity,
        verbose_name=_("activity of the model"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="omitted_by",
    )

    history = HistoricalRecords()
    objects = OmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("omission")
        verbose_name_plural = _("omissions")
        constraints = [
            models.CheckConstraint(
                condition=Q(model_objective__isnull=False, model_activity__isnull=True)
                | Q(model_objective__isnull=True, model_activity__isnull=False),
                name="omission_of_one_item",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="omission_has_reason"),
            models.CheckConstraint(condition=~Q(kind="elsewhere") | ~Q(programme=""), name="omission_names_programme"),
            models.UniqueConstraint(
                fields=["plan", "model_objective"],
                condition=Q(model_objective__isnull=False),
                name="omission_once_an_objective",
            ),
            models.UniqueConstraint(
                fields=["plan", "model_activity"],
                condition=Q(model_activity__isnull=False),
                name="omission_once_an_activity",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.model_objective or self.model_activity}: {self.get_kind_display()}"

    @property
    def model_item(self) -> PlanPart:
        item = self.model_objective or self.model_activity
        assert item is not None  # noqa: S101  # the database keeps it: omission_of_one_item
        return item

    def natural_key(self) -> tuple:
        kind = "model_objective" if self.model_objective_id else "model_activity"
        return (*self.plan.natural_key(), kind, self.model_item.key)

    def clean(self) -> None:
        item = self.model_objective or self.model_activity
        if item and self.plan_id and item.owning_plan.pk != self.plan.model_id:
            raise ValidationError(_("This is no item of the model that the plan follows."))

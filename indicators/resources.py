"""Indicators, scales, targets and periods in files: which column is which field. Reports do not travel this way."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from actors.resources import ACTORS, Named, NaturalResource, reference, references
from indicators.models import (
    Indicator,
    IndicatorCoverage,
    IndicatorOmission,
    ReportingPeriod,
    Scale,
    ScaleStep,
    Target,
)
from objectives.resources import ACTIVITIES, OBJECTIVES, PART, PLANS

SCALES = Named(Scale, "plan__country", PART)
STEPS = Named(ScaleStep, "scale__plan__country", PART)
INDICATORS = Named(Indicator, "objective__plan__country", PART)


class ScaleResource(NaturalResource):
    named = SCALES

    plan = reference("plan", PLANS)

    class Meta(NaturalResource.Meta):
        model = Scale
        name = _("scales")
        import_id_fields = ["plan", "key"]
        fields = ["plan", "key", "name"]


class ScaleStepResource(NaturalResource):
    named = STEPS

    scale = reference("scale", SCALES)

    class Meta(NaturalResource.Meta):
        model = ScaleStep
        name = _("steps of scales")
        import_id_fields = ["scale", "key"]
        fields = ["scale", "key", "order", "label", "criteria", "score"]


class IndicatorResource(NaturalResource):
    named = INDICATORS

    objective = reference("objective", OBJECTIVES)
    activities = references("activities", ACTIVITIES)
    scale = reference("scale", SCALES)
    baseline_step = reference("baseline_step", STEPS)
    reporting_actor = reference("reporting_actor", ACTORS)
    contributors = references("contributors", ACTORS)

    class Meta(NaturalResource.Meta):
        model = Indicator
        name = _("indicators")
        import_id_fields = ["objective", "key"]
        fields = [
            "objective",
            "key",
            "order",
            "code",
            "title",
            "measured_as",
            "note",
            "activities",
            "level",
            "kind",
            "scale",
            "unit",
            "direction",
            "low",
            "high",
            "accumulation",
            "minimum_change",
            "baseline_value",
            "baseline_step",
            "baseline_on",
            "starts_from_zero",
            "no_baseline_reason",
            "means_of_verification",
            "data_source",
            "frequency",
            "reporting_actor",
            "contributors",
            "weight",
            "is_headline",
            "is_sensitive",
            "counts_children",
        ]


class TargetResource(NaturalResource):
    named = Named(Target, "indicator__objective__plan__country")
    rules = {"target_value_or_step": _("A target is a value or, on a scale, a step; and not both.")}

    indicator = reference("indicator", INDICATORS)
    step = reference("step", STEPS)

    class Meta(NaturalResource.Meta):
        model = Target
        name = _("targets")
        import_id_fields = ["indicator", "due_on"]
        fields = ["indicator", "due_on", "value", "step"]


class ReportingPeriodResource(NaturalResource):
    named = Named(ReportingPeriod, "plan__country")

    plan = reference("plan", PLANS)

    class Meta(NaturalResource.Meta):
        model = ReportingPeriod
        name = _("reporting periods")
        import_id_fields = ["plan", "ends_on"]
        fields = ["plan", "ends_on", "due_on", "locked"]


class IndicatorCoverageResource(NaturalResource):
    named = Named(IndicatorCoverage, "item__objective__plan__country")
    also_related = ("model_item__objective__plan__country",)

    item = reference("item", INDICATORS)
    model_item = reference("model_item", INDICATORS, of_model=True)

    class Meta(NaturalResource.Meta):
        model = IndicatorCoverage
        name = _("indicators taken up")
        import_id_fields = ["item", "model_item"]
        fields = ["item", "model_item", "manner"]


class IndicatorOmissionResource(NaturalResource):
    named = Named(IndicatorOmission, "plan__country")
    also_related = ("model_indicator",)

    plan = reference("plan", PLANS)
    model_indicator = reference("model_indicator", INDICATORS, of_model=True)

    class Meta(NaturalResource.Meta):
        model = IndicatorOmission
        name = _("omissions of indicators")
        import_id_fields = ["plan", "model_indicator"]
        fields = ["plan", "model_indicator", "kind", "reason", "programme", "url"]

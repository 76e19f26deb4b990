"""The model's indicators and scales in the administration site: to look at and to export. Reports are not here."""

from __future__ import annotations

from django.contrib import admin

from actors.admin.base import ModelPlanAdmin
from indicators.models import Indicator, Scale, ScaleStep
from indicators.resources import IndicatorResource, ScaleResource, ScaleStepResource


@admin.register(Indicator)
class IndicatorAdmin(ModelPlanAdmin):
    to_plan = "objective__plan"
    list_display = ["code", "title", "level", "kind"]
    list_display_links = ["title"]
    list_filter = ["level", "kind"]
    search_fields = ["title", "measured_as"]
    resource_classes = [IndicatorResource]


@admin.register(Scale)
class ScaleAdmin(ModelPlanAdmin):
    list_display = ["name", "key"]
    resource_classes = [ScaleResource]


@admin.register(ScaleStep)
class ScaleStepAdmin(ModelPlanAdmin):
    to_plan = "scale__plan"
    list_display = ["label", "scale", "score"]
    list_select_related = ["scale"]
    resource_classes = [ScaleStepResource]

"""The model plan in the administration site: to look at and to export."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from actors.admin.base import ModelPlanAdmin
from objectives.models import Activity, Area, Objective, Plan, ProbableActor, Term, Wording
from objectives.resources import (
    ActivityResource,
    AreaResource,
    ObjectiveResource,
    PlanResource,
    ProbableActorResource,
    TermResource,
    WordingResource,
)


@admin.register(Plan)
class PlanAdmin(ModelPlanAdmin):
    list_display = ["title", "edition", "status"]
    resource_classes = [PlanResource]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Plan]:
        return Plan.objects.models()


@admin.register(Area)
class AreaAdmin(ModelPlanAdmin):
    list_display = ["name", "order", "plan"]
    list_select_related = ["plan"]
    resource_classes = [AreaResource]


@admin.register(Objective)
class ObjectiveAdmin(ModelPlanAdmin):
    list_display = ["code", "title", "area"]
    list_display_links = ["title"]
    list_select_related = ["area"]
    search_fields = ["title"]
    resource_classes = [ObjectiveResource]


@admin.register(Activity)
class ActivityAdmin(ModelPlanAdmin):
    to_plan = "objective__plan"
    list_display = ["code", "title", "objective"]
    list_display_links = ["title"]
    list_select_related = ["objective"]
    search_fields = ["title"]
    resource_classes = [ActivityResource]


@admin.register(ProbableActor)
class ProbableActorAdmin(ModelPlanAdmin):
    to_plan = "objective__plan"
    list_display = ["text", "objective"]
    list_select_related = ["objective"]
    search_fields = ["text"]
    resource_classes = [ProbableActorResource]


@admin.register(Term)
class TermAdmin(ModelPlanAdmin):
    list_display = ["abbreviation", "meaning", "todays_term"]
    search_fields = ["abbreviation", "meaning"]
    resource_classes = [TermResource]


@admin.register(Wording)
class WordingAdmin(ModelPlanAdmin):
    list_display = ["quoted", "todays_term"]
    search_fields = ["quoted"]
    resource_classes = [WordingResource]

"""Plans and their parts in files: which column is which field."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from actors.resources import ACTORS, COUNTRIES, Named, NaturalResource, reference, references
from objectives.models import (
    Activity,
    ActivityCoverage,
    Area,
    Milestone,
    Objective,
    ObjectiveCoverage,
    Omission,
    Plan,
    ProbableActor,
    Responsibility,
    Term,
    Wording,
)

PART = ("country", "edition", "key")
PLANS = Named(Plan, "country", ("country", "edition"))
AREAS = Named(Area, "plan__country", PART)
OBJECTIVES = Named(Objective, "plan__country", PART)
ACTIVITIES = Named(Activity, "objective__plan__country", PART)


class PlanResource(NaturalResource):
    named = PLANS
    rules = {
        "plan_one_active_a_country": _("The country has another active plan. Close that one first, or load a draft.")
    }

    country = reference("country", COUNTRIES)
    model = reference("model", PLANS, of_model=True)
    supersedes = reference("supersedes", PLANS, any_edition=True)

    class Meta(NaturalResource.Meta):
        model = Plan
        name = _("plans")
        import_id_fields = ["country", "edition"]
        fields = [
            "country",
            "edition",
            "title",
            "language",
            "starts_on",
            "ends_on",
            "status",
            "activated_on",
            "model",
            "supersedes",
            "currency",
            "is_public",
            "preface",
            "source",
            "situation_analysis_on",
            "situation_analysis_url",
            "legal_review_on",
            "legal_review_url",
            "consultation_on",
            "consultation_url",
        ]


class AreaResource(NaturalResource):
    named = AREAS

    plan = reference("plan", PLANS)
    model_area = reference("model_area", AREAS, of_model=True)

    class Meta(NaturalResource.Meta):
        model = Area
        name = _("areas")
        import_id_fields = ["plan", "key"]
        fields = ["plan", "key", "order", "name", "model_area"]


class ObjectiveResource(NaturalResource):
    named = OBJECTIVES

    plan = reference("plan", PLANS)
    area = reference("area", AREAS)

    class Meta(NaturalResource.Meta):
        model = Objective
        name = _("objectives")
        import_id_fields = ["plan", "key"]
        fields = ["plan", "key", "order", "code", "title", "area", "weight"]


class ActivityResource(NaturalResource):
    named = ACTIVITIES

    objective = reference("objective", OBJECTIVES)

    class Meta(NaturalResource.Meta):
        model = Activity
        name = _("activities")
        import_id_fields = ["objective", "key"]
        fields = ["objective", "key", "order", "code", "title", "starts_on", "ends_on"]


class MilestoneResource(NaturalResource):
    named = Named(Milestone, "activity__objective__plan__country", PART)

    activity = reference("activity", ACTIVITIES)

    class Meta(NaturalResource.Meta):
        model = Milestone
        name = _("milestones")
        import_id_fields = ["activity", "key"]
        fields = ["activity", "key", "title", "due_on", "done_on"]


class ProbableActorResource(NaturalResource):
    """The model's third column; no plan of a country has such lines."""

    named = Named(ProbableActor, "objective__plan__country", PART)

    objective = reference("objective", OBJECTIVES)
    actors = references("actors", ACTORS, of_model=True)

    class Meta(NaturalResource.Meta):
        model = ProbableActor
        name = _("probable actors")
        import_id_fields = ["objective", "key"]
        fields = ["objective", "key", "order", "text", "actors"]


class ResponsibilityResource(NaturalResource):
    named = Named(Responsibility, "activity__objective__plan__country")
    also_related = ("actor__country",)
    rules = {"responsibility_one_lead": _("The activity has a lead already. Make that one a contributor in the file.")}

    activity = reference("activity", ACTIVITIES)
    actor = reference("actor", ACTORS)

    class Meta(NaturalResource.Meta):
        model = Responsibility
        name = _("responsibilities")
        import_id_fields = ["activity", "actor"]
        fields = ["activity", "actor", "role"]


class TermResource(NaturalResource):
    named = Named(Term, "plan__country", PART)

    plan = reference("plan", PLANS)

    class Meta(NaturalResource.Meta):
        model = Term
        name = _("terms")
        import_id_fields = ["plan", "key"]
        fields = ["plan", "key", "order", "abbreviation", "meaning", "todays_term"]


class WordingResource(NaturalResource):
    named = Named(Wording, "plan__country", PART)

    plan = reference("plan", PLANS)

    class Meta(NaturalResource.Meta):
        model = Wording
        name = _("wordings")
        import_id_fields = ["plan", "key"]
        fields = ["plan", "key", "order", "quoted", "todays_term"]


class ObjectiveCoverageResource(NaturalResource):
    named = Named(ObjectiveCoverage, "item__plan__country")
    also_related = ("model_item__plan__country",)

    item = reference("item", OBJECTIVES)
    model_item = reference("model_item", OBJECTIVES, of_model=True)

    class Meta(NaturalResource.Meta):
        model = ObjectiveCoverage
        name = _("objectives taken up")
        import_id_fields = ["item", "model_item"]
        fields = ["item", "model_item", "manner"]


class ActivityCoverageResource(NaturalResource):
    named = Named(ActivityCoverage, "item__objective__plan__country")
    also_related = ("model_item__objective__plan__country",)

    item = reference("item", ACTIVITIES)
    model_item = reference("model_item", ACTIVITIES, of_model=True)

    class Meta(NaturalResource.Meta):
        model = ActivityCoverage
        name = _("activities taken up")
        import_id_fields = ["item", "model_item"]
        fields = ["item", "model_item", "manner"]


class OmissionResource(NaturalResource):
    named = Named(Omission, "plan__country")
    also_related = ("model_objective", "model_activity")

    plan = reference("plan", PLANS)
    model_objective = reference("model_objective", OBJECTIVES, of_model=True)
    model_activity = reference("model_activity", ACTIVITIES, of_model=True)

    class Meta(NaturalResource.Meta):
        model = Omission
        name = _("omissions")
        import_id_fields = ["plan", "model_objective", "model_activity"]
        fields = ["plan", "model_objective", "model_activity", "kind", "reason", "programme", "url"]

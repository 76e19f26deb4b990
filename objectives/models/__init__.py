"""Plans and what they consist of: areas, objectives, activities, who is responsible, the glossary, model coverage."""

from objectives.models.activities import Activity, Milestone, ProbableActor, Responsibility, ResponsibilityRole
from objectives.models.coverage import (
    ActivityCoverage,
    CoverageManner,
    ObjectiveCoverage,
    Omission,
    OmissionBase,
    OmissionKind,
    validate_coverage,
)
from objectives.models.plans import Area, Objective, Plan, PlanPart, PlanPartQuerySet, PlanStatus, Term, Wording

__all__ = [
    "Activity",
    "ActivityCoverage",
    "Area",
    "CoverageManner",
    "Milestone",
    "Objective",
    "ObjectiveCoverage",
    "Omission",
    "OmissionBase",
    "OmissionKind",
    "Plan",
    "PlanPart",
    "PlanPartQuerySet",
    "PlanStatus",
    "ProbableActor",
    "Responsibility",
    "ResponsibilityRole",
    "Term",
    "Wording",
    "validate_coverage",
]

"""Pages of indicators and reports."""

from indicators.views.editing import activity_indicators, indicator_coverage, indicator_create, indicator_edit
from indicators.views.indicator import indicator
from indicators.views.reports import (
    activity_report,
    activity_report_correct,
    activity_report_edit,
    activity_report_verify,
    assessment_edit,
    assessment_withdraw,
    evidence_create,
    report,
    report_correct,
    report_edit,
    report_verify,
)

__all__ = [
    "activity_indicators",
    "activity_report",
    "activity_report_correct",
    "activity_report_edit",
    "activity_report_verify",
    "assessment_edit",
    "assessment_withdraw",
    "evidence_create",
    "indicator",
    "indicator_coverage",
    "indicator_create",
    "indicator_edit",
    "report",
    "report_correct",
    "report_edit",
    "report_verify",
]

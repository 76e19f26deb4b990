"""Indicators, how they are measured, when they report, what was reported, and the evidence for it."""

from indicators.models.activity_reports import ActivityProgress, ActivityReport
from indicators.models.coverage import IndicatorCoverage, IndicatorOmission
from indicators.models.evidence import Evidence, EvidenceKind, Visibility
from indicators.models.indicators import (
    MONTHS,
    Accumulation,
    Direction,
    Frequency,
    Indicator,
    Kind,
    Level,
    Scale,
    ScaleStep,
    Target,
    validate_value,
)
from indicators.models.periods import ReportingPeriod
from indicators.models.progress_reports import DataState, Judgement, ProgressReport, Stream
from indicators.models.reports import (
    OPEN_STATES,
    PROVISIONAL_AFTER,
    DataQuality,
    Report,
    ReportState,
    VerificationMethod,
)

__all__ = [
    "MONTHS",
    "OPEN_STATES",
    "PROVISIONAL_AFTER",
    "Accumulation",
    "ActivityProgress",
    "ActivityReport",
    "DataQuality",
    "DataState",
    "Direction",
    "Evidence",
    "EvidenceKind",
    "Frequency",
    "Indicator",
    "IndicatorCoverage",
    "IndicatorOmission",
    "Judgement",
    "Kind",
    "Level",
    "ProgressReport",
    "Report",
    "ReportState",
    "ReportingPeriod",
    "Scale",
    "ScaleStep",
    "Stream",
    "Target",
    "VerificationMethod",
    "Visibility",
    "validate_value",
]

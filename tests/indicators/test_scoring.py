"""Worked examples of the rules in docs/scoring.md; every expectation is computed by hand.

The plan runs from 1 January 2024 to 31 December 2027 in half-years. From its start to its end are 1460 days, and
365, 730 and 1095 of them have passed at the end of 2024, 2025 and 2026: linear pace is 0.25, 0.50 and 0.75 there.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal as D
from pathlib import Path

import pytest

from indicators.scoring import (
    Assessment,
    Goal,
    Measure,
    Observation,
    Period,
    Reading,
    RollUp,
    Status,
    Trend,
    add_months,
    assess,
    attain,
    expected_ends,
    expected_level,
    months_between,
    roll_up,
    value_at,
    values_over_time,
    views_differ,
)

START, END = date(2024, 1, 1), date(2027, 12, 31)
HALF_YEARS = [date(year, *day) for year in range(2024, 2028) for day in ((6, 30), (12, 31))]
JUN24, DEC24, JUN25, DEC25, JUN26, DEC26, JUN27, DEC27 = HALF_YEARS
DAY = timedelta(days=1)


def make_measure(**fields):
    """A number that is to rise from 0 to 100 over the plan, reported each half-year."""
    defaults = {
        "kind": "number",
        "direction": "increase",
        "accumulation": "point",
        "starts_on": START,
        "goals": (Goal(END, D(100)),),
        "baseline": D(0),
    }
    return Measure(**defaults | fields)


def make_periods(measure, ends=HALF_YEARS):
    """The expected periods, each due 31 days after its end."""
    return tuple(Period(end, end + 31 * DAY) for end in expected_ends(measure.months, measure.starts_on, ends))


def told(period_end, value, **fields):
    return Observation(period_end, "reported", D(value), **fields)


def no_data(period_end, state="no_data"):
    return Observation(period_end, state)


def due(period_end):
    """The first day on which the report for this half-year is overdue."""
    return period_end + 32 * DAY


def make_assessment(status, value=None, as_of=None, **fields):
    defaults = {
        "value": None if value is None else D(value),
        "as_of": as_of,
        "period_end": as_of,
        "attainment": None,
        "raw": None,
        "is_share": False,
        "pace": None,
        "trend": None,
        "is_fresh": value is not None,
        "missed": 0,
        "is_expected": True,
        "reason": "",
    }
    return Assessment(status, **defaults | fields)


def shared(status, value, as_of, attainment, pace, **fields):
    attainment = D(attainment)
    given = {"attainment": attainment, "raw": attainment, "pace": D(pace), "is_share": True}
    return make_assessment(status, value, as_of, **given | fields)


def met(status, value, as_of, attainment, **fields):
    given = {"attainment": D(attainment), "raw": D(attainment)}
    return make_assessment(status, value, as_of, **given | fields)


FALLING = make_measure(direction="decrease", baseline=D(100), goals=(Goal(END, D(40)),))
# Recorded cases first rise while people learn to report them, then fall.
TURNING = make_measure(direction="decrease", baseline=D(100), goals=(Goal(DEC25, D(160)), Goal(END, D(80))))
SCALE = make_measure(kind="scale", baseline=None, lowest_step=D("0.2"), goals=(Goal(DEC25, D("0.6")), Goal(END, D(1))))
LAW = make_measure(kind="yes_no", goals=(Goal(DEC26, D(1)),))
PLAN_SUM = make_measure(accumulation="sum_over_plan", baseline=None, starts_from_zero=True, goals=(Goal(END, D(400)),))
YEAR_SUM = make_measure(accumulation="sum_per_year", baseline=D(40), goals=(Goal(END, D(140)),))
SHARE = make_measure(kind="percentage", baseline=D(20), goals=(Goal(END, D(80)),))
SHARE_A_YEAR = replace(SHARE, accumulation="sum_per_year")
NO_BASELINE = make_measure(baseline=None, goals=(Goal(DEC25, D(50)), Goal(END, D(100))))
KEEP = make_measure(baseline=D(10), goals=(Goal(DEC25, D(10)),), minimum_change=D(2))
RANGE = make_measure(direction="maintain", goals=(), baseline=None, low=D(90), high=D(110))
CONTEXT = make_measure(direction="context", goals=(), baseline=None)
GOOD = make_measure()

EXAMPLES = {
    # Rising and falling
    "rising, on pace": (GOOD, [told(DEC24, 25)], due(DEC24), shared(Status.ON_TRACK, 25, DEC24, "0.25", "0.25")),
    "falling, ahead": (FALLING, [told(DEC25, 58)], due(DEC25), shared(Status.ON_TRACK, 58, DEC25, "0.7", "0.5")),
    "falling, behind": (FALLING, [told(DEC25, 79)], due(DEC25), shared(Status.BEHIND, 79, DEC25, "0.35", "0.5")),
    "falling, beyond its target": (
        FALLING,
        [told(DEC25, 34)],
        due(DEC25),
        shared(Status.ACHIEVED, 34, DEC25, 1, "0.5", raw=D("1.1")),
    ),
    "falling, worse than the baseline": (
        FALLING,
        [told(DEC25, 106)],
        due(DEC25),
        shared(Status.REGRESSED, 106, DEC25, 0, "0.5", raw=D("-0.1")),
    ),
    "worse by no more than the minimum change": (
        replace(GOOD, baseline=D(50), minimum_change=D(5)),
        [told(DEC24, 45)],
        due(DEC24),
        shared(Status.BEHIND, 45, DEC24, 0, "0.25", raw=D("-0.1")),
    ),
    "worse by more than the minimum change": (
        replace(GOOD, baseline=D(50), minimum_change=D(4)),
        [told(DEC24, 45)],
        due(DEC24),
        shared(Status.REGRESSED, 45, DEC24, 0, "0.25", raw=D("-0.1")),
    ),
    # Thresholds
    "0.10 below pace is on track": (
        GOOD,
        [told(DEC25, 40)],
        due(DEC25),
        shared(Status.ON_TRACK, 40, DEC25, "0.4", "0.5"),
    ),
    "more than 0.10 below is behind": (
        GOOD,
        [told(DEC25, "39.9")],
        due(DEC25),
        shared(Status.BEHIND, "39.9", DEC25, "0.399", "0.5"),
    ),
    "0.25 below pace is behind": (GOOD, [told(DEC25, 25)], due(DEC25), shared(Status.BEHIND, 25, DEC25, "0.25", "0.5")),
    "more than 0.25 below is off track": (
        GOOD,
        [told(DEC25, "24.9")],
        due(DEC25),
        shared(Status.OFF_TRACK, "24.9", DEC25, "0.249", "0.5"),
    ),
    # 200 of 300 days: pace 2/3; 170 of 300: attainment 17/30; neither ends, their difference is 0.10.
    "0.10 below pace where neither share ends": (
        make_measure(starts_on=date(2024, 6, 14), goals=(Goal(date(2025, 4, 10), D(300)),)),
        [told(DEC24, 170)],
        due(DEC24),
        shared(Status.ON_TRACK, 170, DEC24, "0.5666666667", "0.6666666667"),
    ),
    "one below the target is not achieved, however large the number": (
        make_measure(goals=(Goal(END, D(10) ** 14),)),
        [told(DEC27, 10**14 - 1)],
        due(DEC27),
        shared(Status.ON_TRACK, 10**14 - 1, DEC27, 1, 1),
    ),
    # Pace
    "pace from the baseline's own date": (
        # 1095 days from 1 January 2023 (365 before the plan's start) to 31 December 2025, of which 730 on 31 Dec 2024.
        make_measure(baseline_on=date(2023, 1, 1), goals=(Goal(DEC25, D(109500)),)),
        [told(DEC24, 73000)],
        due(DEC24),
        shared(Status.ON_TRACK, 73000, DEC24, "0.6666666667", "0.6666666667"),
    ),
    "pace through a target on the way": (
        make_measure(goals=(Goal(DEC25, D(20)), Goal(END, D(100)))),
        [told(DEC26, 60)],
        due(DEC26),
        shared(Status.ON_TRACK, 60, DEC26, "0.6", "0.6"),
    ),
    "a late report is judged at the day that its value speaks of": (
        GOOD,
        [told(DEC25, 30, reference_on=DEC24)],
        due(DEC25),
        shared(Status.ON_TRACK, 30, DEC24, "0.3", "0.25", period_end=DEC25),
    ),
    "a report ahead of its period's end speaks of today": (
        GOOD,
        [told(DEC25, 25)],
        DEC24,
        shared(Status.ON_TRACK, 25, DEC24, "0.25", "0.25", period_end=DEC25),
    ),
    "pace stays at 1 after the last target": (
        replace(GOOD, goals=(Goal(DEC25, D(100)),)),
        [told(DEC27, 80)],
        due(DEC27),
        shared(Status.BEHIND, 80, DEC27, "0.8", 1),
    ),
    # Targets that turn round
    "turning, first stretch: rising is wanted": (
        TURNING,
        [told(DEC24, 130)],
        due(DEC24),
        shared(Status.ON_TRACK, 130, DEC24, "0.5", "0.5"),
    ),
    "turning, first stretch reached is not yet achieved": (
        TURNING,
        [told(DEC25, 160)],
        due(DEC25),
        shared(Status.ON_TRACK, 160, DEC25, 1, 1),
    ),
    "turning, second stretch begins the day after": (
        TURNING,
        [told(JUN26, 160, reference_on=DEC25 + DAY)],
        due(JUN26),
        # 1 of 730 days
        shared(Status.ON_TRACK, 160, DEC25 + DAY, 0, "0.0013698630", period_end=JUN26),
    ),
    "turning, second stretch: falling is wanted": (
        TURNING,
        [told(DEC26, 120)],
        due(DEC26),
        shared(Status.ON_TRACK, 120, DEC26, "0.5", "0.5"),
    ),
    "turning, above the turn is slipped back": (
        TURNING,
        [told(DEC26, 168)],
        due(DEC26),
        shared(Status.REGRESSED, 168, DEC26, 0, "0.5", raw=D("-0.1")),
    ),
    "turning, achieved in the last stretch": (
        TURNING,
        [told(DEC26, 80)],
        due(DEC26),
        shared(Status.ACHIEVED, 80, DEC26, 1, "0.5"),
    ),
    # Scales and yes/no
    "scale from its lowest step, no target due": (
        SCALE,
        [told(DEC24, "0.2")],
        due(DEC24),
        shared(Status.ON_TRACK, "0.2", DEC24, 0, 0),
    ),
    "scale from its lowest step, first target due and reached": (
        SCALE,
        [told(DEC25, "0.6")],
        due(DEC25),
        shared(Status.ON_TRACK, "0.6", DEC25, "0.5", "0.5"),
    ),
    "scale from its lowest step, first target due and missed": (
        SCALE,
        [told(DEC25, "0.2")],
        due(DEC25),
        shared(Status.OFF_TRACK, "0.2", DEC25, 0, "0.5"),
    ),
    "scale from a baseline of its own": (
        replace(SCALE, baseline=D("0.4")),
        [told(DEC24, "0.2")],
        due(DEC24),
        # a step down: (0.2 − 0.4) / (1 − 0.4)
        shared(Status.REGRESSED, "0.2", DEC24, 0, 0, raw=D("-0.3333333333")),
    ),
    "scale at its target's step": (SCALE, [told(DEC24, 1)], due(DEC24), shared(Status.ACHIEVED, 1, DEC24, 1, 0)),
    "law not yet due": (LAW, [told(DEC25, 0)], due(DEC25), shared(Status.ON_TRACK, 0, DEC25, 0, 0)),
    "law on the day that it is due": (LAW, [told(DEC26, 0)], due(DEC26), shared(Status.OFF_TRACK, 0, DEC26, 0, 1)),
    "law passed early": (LAW, [told(DEC24, 1)], due(DEC24), shared(Status.ACHIEVED, 1, DEC24, 1, 0)),
    "law that was there and is repealed": (
        replace(LAW, baseline=D(1)),
        [told(DEC24, 0)],
        due(DEC24),
        met(Status.REGRESSED, 0, DEC24, 0),
    ),
    "a harmful provision that is to go": (
        replace(LAW, direction="decrease", baseline=D(1), goals=(Goal(DEC26, D(0)),)),
        [told(DEC24, 0)],
        due(DEC24),
        shared(Status.ACHIEVED, 0, DEC24, 1, 0),
    ),
    # Accumulation
    "sum over the plan": (
        PLAN_SUM,
        [told(JUN24, 60), told(DEC24, 40), told(JUN25, 50), told(DEC25, 70)],
        due(DEC25),
        shared(Status.ON_TRACK, 220, DEC25, "0.55", "0.5", trend=Trend.UP),
    ),
    "sum over the plan with a hole": (
        PLAN_SUM,
        [told(JUN24, 60), no_data(DEC24), told(JUN25, 50), told(DEC25, 70)],
        due(DEC25),
        shared(Status.ON_TRACK, 180, DEC25, "0.45", "0.5", trend=Trend.UP),
    ),
    "running total is not added up": (
        replace(PLAN_SUM, accumulation="running_total"),
        [told(JUN24, 60), told(DEC24, 100)],
        due(DEC24),
        shared(Status.ON_TRACK, 100, DEC24, "0.25", "0.25", trend=Trend.UP),
    ),
    "sum per year takes the last whole year": (
        YEAR_SUM,
        [told(JUN24, 30), told(DEC24, 35), told(JUN25, 90)],
        due(JUN25),
        shared(Status.ON_TRACK, 65, DEC24, "0.25", "0.25"),
    ),
    "sum per year compares whole years": (
        YEAR_SUM,
        [told(JUN24, 30), told(DEC24, 35), told(JUN25, 20), told(DEC25, 40)],
        due(DEC25),
        shared(Status.OFF_TRACK, 60, DEC25, "0.2", "0.5", trend=Trend.DOWN),
    ),
    "sum per year leaves a year with a hole out": (
        YEAR_SUM,
        [told(JUN24, 30), told(DEC24, 35), told(DEC25, 90)],
        due(DEC25),
        shared(Status.ON_TRACK, 65, DEC24, "0.25", "0.25", missed=1),
    ),
    "sum per year before the first whole year, nothing missed": (
        YEAR_SUM,
        [told(JUN24, 30)],
        due(JUN24),
        make_assessment(Status.NOT_YET_DUE),
    ),
    "sum per year, the first half-year missed": (
        YEAR_SUM,
        [told(DEC24, 30)],
        due(DEC24),
        make_assessment(Status.NO_DATA, missed=1),
    ),
    "sum per year of a yearly indicator": (
        replace(YEAR_SUM, months=12),
        [told(DEC24, 65)],
        due(DEC24),
        shared(Status.ON_TRACK, 65, DEC24, "0.25", "0.25"),
    ),
    "percentage adds numerators and denominators": (
        SHARE_A_YEAR,
        # 10 of 100 and 90 of 300: 25 %, not the mean of 10 % and 30 %, which is 20 %, nor 40 %
        [told(JUN24, 10, numerator=D(10), denominator=D(100)), told(DEC24, 30, numerator=D(90), denominator=D(300))],
        due(DEC24),
        shared(Status.BEHIND, 25, DEC24, "0.0833333333", "0.25"),
    ),
    "percentage without a denominator takes the year's latest": (
        SHARE_A_YEAR,
        [told(JUN24, 10, numerator=D(10), denominator=D(100)), told(DEC24, 35)],
        due(DEC24),
        shared(Status.ON_TRACK, 35, DEC24, "0.25", "0.25"),
    ),
    "percentage from numerator and denominator alone": (
        SHARE,
        [Observation(DEC24, "reported", numerator=D(70), denominator=D(200))],
        due(DEC24),
        shared(Status.ON_TRACK, 35, DEC24, "0.25", "0.25"),
    ),
    # Without a share
    "no baseline, no target due": (NO_BASELINE, [told(DEC24, 10)], due(DEC24), met(Status.ON_TRACK, 10, DEC24, 0)),
    "no baseline, first target due and met": (
        NO_BASELINE,
        [told(DEC25, 50)],
        due(DEC25),
        met(Status.ON_TRACK, 50, DEC25, 0),
    ),
    "no baseline, first target due and not met": (
        NO_BASELINE,
        [told(DEC25, 49)],
        due(DEC25),
        met(Status.OFF_TRACK, 49, DEC25, 0),
    ),
    "no baseline, last target met": (
        NO_BASELINE,
        [told(DEC25, 100)],
        due(DEC25),
        met(Status.ACHIEVED, 100, DEC25, 1),
    ),
    "no baseline, falling": (
        replace(NO_BASELINE, direction="decrease", goals=(Goal(DEC25, D(50)), Goal(END, D(30)))),
        [told(DEC25, 51)],
        due(DEC25),
        met(Status.OFF_TRACK, 51, DEC25, 0),
    ),
    "starts from zero": (
        replace(NO_BASELINE, starts_from_zero=True),
        [told(DEC24, 20)],
        due(DEC24),
        shared(Status.ON_TRACK, 20, DEC24, "0.2", "0.25"),
    ),
    "target equal to the baseline, kept": (KEEP, [told(DEC24, 10)], due(DEC24), met(Status.ACHIEVED, 10, DEC24, 1)),
    "target equal to the baseline, a little below, not due": (
        KEEP,
        [told(DEC24, 8)],
        due(DEC24),
        met(Status.ON_TRACK, 8, DEC24, 0),
    ),
    "target equal to the baseline, a little below, due": (
        KEEP,
        [told(DEC25, 8)],
        due(DEC25),
        met(Status.OFF_TRACK, 8, DEC25, 0),
    ),
    "target equal to the baseline, lost": (KEEP, [told(DEC24, 7)], due(DEC24), met(Status.REGRESSED, 7, DEC24, 0)),
    "maintain, at its upper bound": (RANGE, [told(DEC24, 110)], due(DEC24), met(Status.ACHIEVED, 110, DEC24, 1)),
    "maintain, below its lower bound": (RANGE, [told(DEC24, 89)], due(DEC24), met(Status.OFF_TRACK, 89, DEC24, 0)),
    "maintain, one bound only": (
        replace(RANGE, high=None),
        [told(DEC24, 5000)],
        due(DEC24),
        met(Status.ACHIEVED, 5000, DEC24, 1),
    ),
    "maintain without a range": (
        replace(RANGE, low=None, high=None),
        [told(DEC24, 100)],
        due(DEC24),
        make_assessment(Status.NOT_RATED, 100, DEC24),
    ),
    "context": (CONTEXT, [told(DEC24, 7)], due(DEC24), make_assessment(Status.NOT_RATED, 7, DEC24)),
    "context, silent": (CONTEXT, [], due(DEC24), make_assessment(Status.NO_DATA, missed=2)),
    "no target": (replace(GOOD, goals=()), [told(DEC24, 7)], due(DEC24), make_assessment(Status.NOT_RATED, 7, DEC24)),
    # Silence
    "not yet due": (GOOD, [], JUN24 + 31 * DAY, make_assessment(Status.NOT_YET_DUE, is_expected=False)),
    "the day after the due date": (GOOD, [], due(JUN24), make_assessment(Status.NO_DATA, missed=1)),
    "no report was ever expected": (
        replace(GOOD, months=60),
        [],
        due(DEC27),
        make_assessment(Status.NOT_YET_DUE, is_expected=False),
    ),
    "a value before any is due is rated": (
        GOOD,
        [told(JUN24, 100)],
        JUN24,
        # 181 of 1460 days
        shared(Status.ACHIEVED, 100, JUN24, 1, "0.1239726027", is_expected=False),
    ),
    "one period missed: the value is carried": (
        GOOD,
        [told(DEC24, 30)],
        due(JUN25),
        shared(Status.ON_TRACK, 30, DEC24, "0.3", "0.25", missed=1),
    ),
    "two periods missed: no data": (
        GOOD,
        [told(JUN24, 20), told(DEC24, 30)],
        due(DEC25),
        make_assessment(Status.NO_DATA, 30, DEC24, is_fresh=False, missed=2, trend=Trend.UP),
    ),
    "a no-data report does not erase the value": (
        GOOD,
        [told(DEC24, 30), no_data(JUN25)],
        due(JUN25),
        shared(Status.ON_TRACK, 30, DEC24, "0.3", "0.25", missed=1),
    ),
    "a not-yet-available report counts as missed": (
        GOOD,
        [told(DEC24, 30), no_data(JUN25, "not_yet_available"), no_data(DEC25)],
        due(DEC25),
        make_assessment(Status.NO_DATA, 30, DEC24, is_fresh=False, missed=2),
    ),
    "a yearly indicator is not missed at mid-year": (
        replace(GOOD, months=12),
        [told(DEC24, 30)],
        due(JUN26),
        shared(Status.ON_TRACK, 30, DEC24, "0.3", "0.25", missed=1),
    ),
    "a report at a period where none was expected counts": (
        replace(GOOD, months=12),
        [told(DEC24, 10), told(JUN25, 30, reference_on=DEC24)],
        due(JUN25),
        shared(Status.ON_TRACK, 30, DEC24, "0.3", "0.25", period_end=JUN25, trend=Trend.UP),
    ),
    # Not applicable
    "not applicable": (
        GOOD,
        [told(DEC24, 30), no_data(JUN25, "not_applicable")],
        due(JUN25),
        make_assessment(Status.NOT_APPLICABLE, 30, DEC24),
    ),
    "not applicable holds for 365 days": (
        replace(GOOD, months=12),
        [no_data(DEC24, "not_applicable")],
        DEC25,
        make_assessment(Status.NOT_APPLICABLE),
    ),
    "not applicable lapses the day after": (
        replace(GOOD, months=12),
        [no_data(DEC24, "not_applicable")],
        DEC25 + DAY,
        make_assessment(Status.NO_DATA, missed=1),
    ),
    "not applicable ends with the next report": (
        GOOD,
        [no_data(DEC24, "not_applicable"), told(JUN25, 30, reference_on=DEC24)],
        due(JUN25),
        shared(Status.ON_TRACK, 30, DEC24, "0.3", "0.25", period_end=JUN25),
    ),
    "not applicable in force is no missed period": (
        GOOD,
        [told(JUN24, 100), no_data(DEC24, "not_applicable"), no_data(JUN25)],
        due(JUN25),
        shared(Status.ACHIEVED, 100, JUN24, 1, "0.1239726027", missed=1),
    ),
    # Trend
    "trend below the minimum change is level": (
        replace(GOOD, minimum_change=D(5)),
        [told(JUN24, 20), told(DEC24, 25)],
        due(DEC24),
        shared(Status.ON_TRACK, 25, DEC24, "0.25", "0.25", trend=Trend.LEVEL),
    ),
    "trend says which way, not whether that is good": (
        FALLING,
        [told(JUN24, 100), told(DEC24, 85)],
        due(DEC24),
        shared(Status.ON_TRACK, 85, DEC24, "0.25", "0.25", trend=Trend.DOWN),
    ),
}


@pytest.mark.parametrize(("measure", "reports", "today", "expected"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_assess_worked_example(measure, reports, today, expected):
    assessment = assess(measure, reports, make_periods(measure), today)
    assert replace(assessment, reason="") == expected
    assert assessment.reason.endswith(".")


@pytest.mark.parametrize(("measure", "reports", "today", "expected"), EXAMPLES.values(), ids=EXAMPLES.keys())
def test_assess_order_of_reports_is_no_matter(measure, reports, today, expected):
    assessment = assess(measure, reports[::-1], make_periods(measure), today)
    assert replace(assessment, reason="") == expected


REASONS = {
    Status.ON_TRACK: (GOOD, [told(DEC25, 45)], "45% of the way; 50% was expected by 31 December 2025."),
    Status.OFF_TRACK: (NO_BASELINE, [told(DEC25, 49)], "The target due on 31 December 2025 is not met."),
    Status.ACHIEVED: (GOOD, [told(DEC25, 100)], "The last target is reached."),
    Status.REGRESSED: (GOOD, [told(DEC25, -1)], "The value is worse than where it started."),
    Status.NO_DATA: (
        GOOD,
        [told(JUN24, 9)],
        "The last value is for the period to 30 June 2024; reports due since without one: 3.",
    ),
    Status.NOT_RATED: (CONTEXT, [told(DEC25, 9)], "A context indicator is shown and explained, never rated."),
    Status.NOT_APPLICABLE: (
        GOOD,
        [no_data(DEC25, "not_applicable")],
        "Not applicable, as reported for 31 December 2025.",
    ),
}


@pytest.mark.parametrize(("measure", "reports", "reason"), REASONS.values(), ids=[str(key) for key in REASONS])
def test_assess_says_why(measure, reports, reason):
    assert assess(measure, reports, make_periods(measure), due(DEC25)).reason == reason


# Values


def test_value_at_takes_only_periods_up_to_the_day():
    reports = [told(JUN24, 20), told(DEC24, 30), told(JUN25, 40)]
    periods = make_periods(GOOD)
    assert value_at(GOOD, reports, periods, on=DEC24) == Reading(D(30), DEC24, DEC24)
    assert value_at(GOOD, reports, periods) == Reading(D(40), JUN25, JUN25)
    assert value_at(GOOD, reports, periods, on=START) is None


def test_values_over_time_sum_over_plan_adds_up_from_the_start():
    reports = [told(date(2023, 12, 31), 999), told(JUN24, 60), told(DEC24, 40)]
    assert values_over_time(PLAN_SUM, reports, make_periods(PLAN_SUM)) == (
        Reading(D(60), JUN24, JUN24),
        Reading(D(100), DEC24, DEC24),
    )


def test_values_over_time_sum_per_year_last_half_year_of_a_plan_is_no_year():
    ends = HALF_YEARS[:3]  # the plan ends in June 2025
    reports = [told(end, 10) for end in ends]
    assert values_over_time(YEAR_SUM, reports, make_periods(YEAR_SUM, ends)) == (Reading(D(20), DEC24, DEC24),)


def test_values_over_time_sum_per_year_follows_the_plan_year():
    measure = replace(YEAR_SUM, starts_on=date(2024, 7, 1))
    reports = [told(end, 10) for end in HALF_YEARS[1:4]]
    periods = make_periods(measure, HALF_YEARS[1:])
    assert values_over_time(measure, reports, periods) == (Reading(D(20), JUN25, JUN25),)


def test_values_over_time_sum_per_year_forgives_an_end_that_misses_the_month_by_a_day():
    measure = replace(YEAR_SUM, starts_on=date(2024, 1, 31))
    ends = [date(2024, 7, 31), date(2025, 1, 31), date(2025, 7, 31)]
    reports = [told(end, 10) for end in ends]
    assert values_over_time(measure, reports, make_periods(measure, ends)) == (Reading(D(20), ends[1], ends[1]),)
    assert values_over_time(measure, reports[:1], make_periods(measure, ends[:1])) == ()


# What is expected, and when


@pytest.mark.parametrize(
    ("measure", "on", "level"),
    [
        pytest.param(GOOD, date(2023, 1, 1), D(0), id="before the start: the baseline"),
        pytest.param(GOOD, DEC25, D(50), id="half-way"),
        pytest.param(GOOD, date(2030, 1, 1), D(100), id="after the last target: flat"),
        pytest.param(TURNING, DEC26, D(120), id="turning"),
        pytest.param(LAW, DEC26 - DAY, D(0), id="law on the eve of its day"),
        pytest.param(LAW, DEC26, D(1), id="law on its day"),
        pytest.param(SCALE, DEC24, D("0.2"), id="scale before the first target: the lowest step"),
        pytest.param(NO_BASELINE, DEC24, None, id="no baseline, before the first target"),
        pytest.param(NO_BASELINE, DEC26, D(75), id="no baseline, between targets"),
        pytest.param(replace(GOOD, baseline_on=date(2029, 1, 1)), DEC27, D(100), id="baseline dated after the target"),
        pytest.param(
            replace(GOOD, baseline=None, starts_from_zero=True, baseline_on=date(2020, 1, 1)),
            DEC25,
            D(50),
            id="from zero, at the plan's start",
        ),
        pytest.param(RANGE, DEC24, None, id="maintain"),
        pytest.param(replace(CONTEXT, goals=GOOD.goals), DEC24, None, id="context"),
        pytest.param(replace(GOOD, goals=()), DEC24, None, id="no target"),
    ],
)
def test_expected_level(measure, on, level):
    assert expected_level(measure, on) == level


def test_attain_a_ratio_of_the_widest_numbers_does_not_overflow():
    measure = make_measure(goals=(Goal(END, D("1E-15")),))
    assert attain(measure, D("999999999999999"), END).raw == D("999999999999999E15")


@pytest.mark.parametrize(
    ("start", "on", "months"),
    [
        (date(2024, 1, 1), date(2024, 1, 1), 0),
        (date(2024, 1, 1), date(2024, 7, 1), 6),
        (date(2024, 1, 31), date(2024, 2, 28), 0),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2023, 1, 31), date(2023, 2, 28), 1),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2024, 8, 31), date(2025, 2, 27), 5),
        (date(2024, 7, 1), date(2024, 6, 30), -1),
    ],
)
def test_months_between(start, on, months):
    assert months_between(start, on) == months


def test_add_months_stops_at_the_end_of_a_shorter_month():
    assert [add_months(date(2023, 10, 31), n) for n in (0, 4, 16)] == [
        date(2023, 10, 31),
        date(2024, 2, 29),
        date(2025, 2, 28),
    ]


def half_years_from(start, count):
    return [add_months(start, 6 * n) - DAY for n in range(1, count + 1)]


def half_years_in_a_chain_from(start, count):
    """Each half-year counted from the one before: days lost at a short month's end stay lost."""
    ends = []
    for _ in range(count):
        start = add_months(start, 6)
        ends.append(start - DAY)
    return ends


@pytest.mark.parametrize("count_on", [half_years_from, half_years_in_a_chain_from])
@pytest.mark.parametrize(
    "start",
    [date(2024, 1, 1), date(2024, 7, 1), date(2024, 1, 31), date(2024, 8, 31), date(2024, 2, 29), date(2023, 12, 30)],
    ids=str,
)
def test_expected_ends_whatever_day_the_plan_starts(start, count_on):
    ends = count_on(start, 12)
    assert expected_ends(6, start, ends) == tuple(ends)
    assert expected_ends(12, start, ends) == tuple(ends[1::2])
    assert expected_ends(36, start, ends) == (ends[5], ends[11])
    assert expected_ends(84, start, ends) == ()


def test_expected_ends_of_a_plan_that_starts_on_the_first_working_day():
    assert expected_ends(6, date(2024, 1, 2), HALF_YEARS) == tuple(HALF_YEARS)
    assert expected_ends(12, date(2024, 1, 2), HALF_YEARS) == (DEC24, DEC25, DEC26, DEC27)


def test_expected_ends_before_the_plans_start_are_none():
    assert expected_ends(6, date(2025, 1, 1), HALF_YEARS[:3]) == (JUN25,)


def test_expected_ends_finer_than_the_plans_periods_is_every_period():
    assert expected_ends(3, START, HALF_YEARS) == tuple(HALF_YEARS)


def test_expected_ends_refuses_an_interval_below_a_month():
    with pytest.raises(ValueError, match="every 0 months"):
        expected_ends(0, START, HALF_YEARS)


# Roll-up


def counted(**numbers):
    return tuple((status, numbers.get(status.value, 0)) for status in Status)


ACHIEVED = shared(Status.ACHIEVED, 100, DEC25, 1, "0.5")
HALF = shared(Status.ON_TRACK, 50, DEC25, "0.5", "0.5")
NOTHING = shared(Status.OFF_TRACK, 0, DEC25, 0, "0.5")
SILENT = make_assessment(Status.NO_DATA, missed=2)
LEFT_OUT = [make_assessment(status) for status in (Status.NOT_APPLICABLE, Status.NOT_YET_DUE, Status.NOT_RATED)]


def test_roll_up_gives_score_mean_and_ceiling():
    rows = [(ACHIEVED, D(1)), (HALF, D(1)), (SILENT, D(1)), (SILENT, D(1))]
    assert roll_up(rows) == RollUp(
        counts=counted(achieved=1, on_track=1, no_data=2),
        total=4,
        score=D("0.375"),  # 1.5 of 4
        mean=D("0.75"),  # 1.5 of 2
        ceiling=D("0.875"),  # 3.5 of 4
        reported=2,
        expected=4,
    )


def test_roll_up_weighs():
    rows = [(ACHIEVED, D(3)), (NOTHING, D(1)), (SILENT, D("0.5"))]
    assert roll_up(rows) == RollUp(
        counts=counted(achieved=1, off_track=1, no_data=1),
        total=3,
        score=D("0.6666666667"),  # 3 of 4.5
        mean=D("0.75"),  # 3 of 4
        ceiling=D("0.7777777778"),  # 3.5 of 4.5
        reported=2,
        expected=3,
    )


def test_roll_up_leaves_out_what_cannot_be_scored_and_counts_it():
    rows = [(HALF, D(1)), *((assessment, D(9)) for assessment in LEFT_OUT)]
    assert roll_up(rows) == RollUp(
        counts=counted(on_track=1, not_applicable=1, not_yet_due=1, not_rated=1),
        total=4,
        score=D("0.5"),
        mean=D("0.5"),
        ceiling=D("0.5"),
        reported=1,
        expected=1,
    )


@pytest.mark.parametrize("left", [[], LEFT_OUT], ids=["no indicators", "none that can be scored"])
def test_roll_up_of_nothing_is_none_not_zero(left):
    rolled = roll_up((assessment, D(1)) for assessment in left)
    assert (rolled.total, rolled.score, rolled.mean, rolled.ceiling, rolled.reported, rolled.expected) == (
        len(left),
        None,
        None,
        None,
        0,
        0,
    )


def test_roll_up_of_silence_is_zero_at_least_and_one_at_most():
    rolled = roll_up([(SILENT, D(1))])
    assert (rolled.score, rolled.mean, rolled.ceiling) == (D(0), None, D(1))


@pytest.mark.parametrize("fallen_silent", range(3))
def test_roll_up_falling_silent_never_helps(fallen_silent):
    rows = [(ACHIEVED, D(1)), (HALF, D(2)), (NOTHING, D(4))]
    silent = [(SILENT if n == fallen_silent else row[0], row[1]) for n, row in enumerate(rows)]
    assert roll_up(silent).score <= roll_up(rows).score
    assert roll_up(silent).ceiling >= roll_up(rows).ceiling


@pytest.mark.parametrize("value", [0, 30, 100])
@pytest.mark.parametrize("measure", [GOOD, SCALE, LAW, NO_BASELINE, YEAR_SUM, PLAN_SUM], ids=lambda m: m.kind)
def test_roll_up_waiting_in_silence_never_helps(measure, value):
    told_so_far = [told(JUN24, value), told(DEC24, value)]
    score = None
    for weeks in range(110):
        today = due(DEC24) + timedelta(weeks=weeks)
        before, score = score, roll_up([(assess(measure, told_so_far, make_periods(measure), today), D(1))]).score
        assert before is None or score <= before
    assert score == 0


@pytest.mark.parametrize("weight", [D(0), D(-1)])
def test_roll_up_refuses_a_weight_that_is_not_above_zero(weight):
    with pytest.raises(ValueError, match="above 0"):
        roll_up([(HALF, weight)])


# Views

VIEWS = {
    "attainment 0.14 apart": (GOOD, HALF, 36, "", False),
    "attainment 0.15 apart": (GOOD, HALF, 35, "", True),
    "both beyond the target": (GOOD, ACHIEVED, 180, "", False),
    "agrees": (GOOD, HALF, None, "agree", False),
    "cannot tell": (GOOD, HALF, None, "cannot_tell", False),
    "agrees partly": (GOOD, HALF, None, "partly", True),
    "disagrees in words though not in numbers": (GOOD, HALF, 50, "disagree", True),
    "another step": (SCALE, shared(Status.ON_TRACK, "0.6", DEC25, "0.5", "0.5"), "0.5", "", True),
    "the same step": (SCALE, shared(Status.ON_TRACK, "0.6", DEC25, "0.5", "0.5"), "0.60", "", False),
    "no where the state says yes": (LAW, shared(Status.ACHIEVED, 1, DEC25, 1, 0), 0, "", True),
    "no baseline: one says met, one not": (NO_BASELINE, met(Status.ACHIEVED, 100, DEC25, 1), 99, "", True),
    "no official value": (GOOD, SILENT, 80, "", False),
    "no official value, and disagrees": (GOOD, SILENT, 80, "disagree", True),
    "official value gone stale": (LAW, make_assessment(Status.NO_DATA, 1, DEC24, is_fresh=False), 0, "", False),
    "no target to compare by": (CONTEXT, make_assessment(Status.NOT_RATED, 7, DEC25), 700, "", False),
}


@pytest.mark.parametrize(("measure", "official", "value", "judgement", "differ"), VIEWS.values(), ids=VIEWS.keys())
def test_views_differ(measure, official, value, judgement, differ):
    assert views_differ(official, measure, None if value is None else D(value), judgement) is differ


# The page

TODAY = date(2026, 3, 1)
PAGE = [
    ("Judges trained", PLAN_SUM, [told(JUN24, 60), told(DEC24, 40), told(JUN25, 50), told(DEC25, 70)], 2),
    ("Interviews that are child-friendly, %", SHARE, [told(DEC25, 32)], 1),
    ("Days that victims wait", FALLING, [told(DEC25, 79)], 1),
    ("Law adopted", LAW, [told(DEC25, 0)], 1),
    ("Calls that the hotline answers, %", SHARE, [told(JUN24, 60)], 1),
    ("Survey of families", replace(GOOD, months=48), [], 1),
]


def percent(share):
    return "–" if share is None else f"{share * 100:.1f} %"


def test_page_has_the_worked_example_as_computed():
    assessments = [assess(measure, reports, make_periods(measure), TODAY) for _, measure, reports, _ in PAGE]
    lines = [
        f"| {title} | {'–' if a.value is None else a.value} | {percent(a.attainment)} | {percent(a.pace)} "
        f"| {a.status.label} | {weight} |"
        for a, (title, _, _, weight) in zip(assessments, PAGE, strict=True)
    ]
    rolled = roll_up((a, D(weight)) for a, (_, _, _, weight) in zip(assessments, PAGE, strict=True))
    lines += [
        f"| Score (at least) | {percent(rolled.score)} |",
        f"| Mean of the {rolled.reported} of {rolled.expected} reported | {percent(rolled.mean)} |",
        f"| Ceiling (at most) | {percent(rolled.ceiling)} |",
    ]
    page = (Path(__file__).parents[2] / "docs" / "scoring.md").read_text(encoding="utf-8")
    table = [line for line in page.split("## A worked example")[1].splitlines() if line.startswith("| ")]
    assert [line for line in table if not line.startswith(("| Indicator |", "| Roll-up |"))] == lines

"""The line chart of an indicator: coordinates only; the template draws them as inline SVG."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from indicators.models import Kind
from indicators.scoring import Measure, expected_level
from indicators.standings import ReportLine, Standing, number_text, percent_text
from objectives.models import Plan

WIDTH, HEIGHT = 720, 300  # of the SVG's view box, in its own units
LEFT, RIGHT, TOP, BOTTOM = 116, 16, 12, 34  # margins; the left one holds the labels of a scale's steps


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of the chart: where it stands and what it says when pointed at."""

    x: str
    y: str
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """A stream's dots and the line through them, in SVG's `points`."""

    name: str
    points: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class LineChart:
    """Both streams, the targets and the pace that the plan expects, from the plan's start to its end."""

    width: int
    height: int
    left: int
    right: int
    bottom: int
    official: Line
    provisional: tuple[Dot, ...]
    independent: tuple[Line, ...]
    targets: tuple[Dot, ...]
    pace: str
    baseline_y: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    today_x: str


class _Frame:
    """Turns days and levels into coordinates."""

    def __init__(self, start: date, end: date, low: Decimal, high: Decimal) -> None:
        self.start, self.days = start, max((end - start).days, 1)
        self.low, self.span = low, (high - low) or Decimal(1)

    def x(self, on: date) -> str:
        share = min(max((on - self.start).days, 0), self.days) / self.days
        return f"{LEFT + share * (WIDTH - LEFT - RIGHT):.1f}"

    def y(self, level: Decimal) -> str:
        share = float((level - self.low) / self.span)
        return f"{HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM):.1f}"


def line_chart(standing: Standing, plan: Plan, today: date, readable: set[int]) -> LineChart | None:
    """The chart of one indicator; None where nothing was reported that could be drawn.

    Of the reports that wait for verification it draws those whose ids are in `readable`.
    """
    shown = [line for line in (*standing.official, *standing.independent) if line.level is not None]
    if not shown or plan.starts_on is None or plan.ends_on is None:
        return None
    measure = standing.measure
    provisional = [line for line in standing.waiting if line.level is not None and line.pk in readable]
    levels = [line.level for line in (*shown, *provisional) if line.level is not None]
    levels += [goal.level for goal in measure.goals]
    levels += [level for level in (measure.baseline, measure.low, measure.high) if level is not None]
    start = min([plan.starts_on, *(line.reference_on for line in shown)])
    y_ticks = _y_ticks(standing, max(levels))
    frame = _Frame(
        start, plan.ends_on, min(level for level, _label in y_ticks), max(level for level, _label in y_ticks)
    )
    by_assessor = {view.actor.pk: view.actor.name for view in standing.views}
    return LineChart(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        bottom=HEIGHT - BOTTOM,
        official=_line(frame, standing, _("Official"), [line for line in standing.official if line.level is not None]),
        provisional=_line(frame, standing, "", provisional).dots,
        independent=tuple(
            _line(frame, standing, name, [one for one in shown if one.actor_id == pk and one in standing.independent])
            for pk, name in by_assessor.items()
        ),
        targets=tuple(
            Dot(
                frame.x(goal.due_on),
                frame.y(goal.level),
                f"{_level_text(standing, goal.level)}, {date_format(goal.due_on)}",
            )
            for goal in measure.goals
        ),
        pace=_pace(frame, measure, plan.ends_on),
        baseline_y=frame.y(measure.baseline) if measure.baseline is not None else "",
        x_ticks=tuple(
            Tick(frame.x(date(year, 1, 1)), str(year))
            for year in range(start.year, plan.ends_on.year + 1)
            if start <= date(year, 1, 1) <= plan.ends_on
        ),
        y_ticks=tuple(Tick(frame.y(level), label) for level, label in y_ticks),
        today_x=frame.x(today) if start <= today <= plan.ends_on else "",
    )


def _line(frame: _Frame, standing: Standing, name: str, lines: list[ReportLine]) -> Line:
    dots = tuple(
        Dot(
            frame.x(line.reference_on),
            frame.y(line.level),
            f"{_level_text(standing, line.level)}, {date_format(line.reference_on)}",
        )
        for line in sorted(lines, key=lambda line: line.reference_on)
        if line.level is not None
    )
    return Line(name, " ".join(f"{dot.x},{dot.y}" for dot in dots), dots)


def _pace(frame: _Frame, measure: Measure, ends_on: date) -> str:
    """What the plan expects, at its bends: straight between targets, in steps for yes/no and scales."""
    bends = sorted({measure.starts_on, *(goal.due_on for goal in measure.goals), ends_on})
    points: list[str] = []
    before = None
    for on in bends:
        level = expected_level(measure, on)
        if level is None:
            continue
        if before is not None and measure.kind in (Kind.YES_NO, Kind.SCALE):
            points.append(f"{frame.x(on)},{frame.y(before)}")
        points.append(f"{frame.x(on)},{frame.y(level)}")
        before = level
    return " ".join(points)


def _y_ticks(standing: Standing, top: Decimal) -> list[tuple[Decimal, str]]:
    if standing.indicator.kind == Kind.SCALE:
        return [(step.score, step.label) for step in standing.steps]
    if standing.indicator.kind == Kind.YES_NO:
        return [(Decimal(0), _("No")), (Decimal(1), _("Yes"))]
    text = percent_text if standing.indicator.kind == Kind.PERCENTAGE else number_text
    interval = _round_interval(top / 4)
    count = int((top / interval).to_integral_value(rounding=ROUND_CEILING)) or 1
    return [(interval * n, text(interval * n)) for n in range(count + 1)]


def _round_interval(wanted: Decimal) -> Decimal:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that is at least `wanted`."""
    if wanted <= 0:
        return Decimal(1)
    power = Decimal(1).scaleb(wanted.adjusted())
    steps = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
    return next(power * step for step in steps if power * step >= wanted).normalize()


def _level_text(standing: Standing, level: Decimal) -> str:
    if standing.indicator.kind == Kind.SCALE:
        return next((step.label for step in standing.steps if step.score == level), "")
    if standing.indicator.kind == Kind.YES_NO:
        return _("Yes") if level else _("No")
    text = percent_text if standing.indicator.kind == Kind.PERCENTAGE else number_text
    return text(level)

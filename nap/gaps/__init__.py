"""What is missing, late or disputed in a plan, as typed rows: kind, where, since when, who can close it, and where.

`gaps_of` reads the plan once; everything else here is a pure function of what it returns. The rules: docs/gaps.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from indicators.standings import Standing, standings_of
from nap.gaps.design import design_gaps
from nap.gaps.facts import facts_of
from nap.gaps.kinds import PLAN_AS_A_WHOLE, Closer, Gap, GapGroup, GapKind
from nap.gaps.progress import progress_gaps
from nap.gaps.reporting import reporting_gaps
from objectives.models import Plan, PlanStatus

__all__ = [
    "PLAN_AS_A_WHOLE",
    "Closer",
    "Gap",
    "GapGroup",
    "GapKind",
    "closers_of",
    "counts",
    "filtered",
    "gaps_of",
]


def gaps_of(plan: Plan, today: date, standings: tuple[Standing, ...] | None = None) -> tuple[Gap, ...]:
    """Every gap of `plan` on `today`, by kind in the order of `GapKind`, then in the order of the plan.

    Five queries beside the five of `standings_of`, whatever the size of the plan; `plan` comes with its country. A
    draft has gaps in its design only: nothing is due before a plan is active.
    """
    if standings is None:
        standings = standings_of(plan, today)
    facts = facts_of(plan, today, standings)
    found = list(design_gaps(facts))
    if plan.status != PlanStatus.DRAFT:
        found += [*reporting_gaps(facts), *progress_gaps(facts)]
    order = {kind: position for position, kind in enumerate(GapKind)}
    return tuple(sorted(found, key=lambda gap: order[gap.kind]))


def filtered(
    gaps: Iterable[Gap], *, kind: str = "", group: str = "", objective: str = "", area: str = "", actor: str = ""
) -> tuple[Gap, ...]:
    """Those of `gaps` that fit every filter given; an empty one fits all.

    `objective` and `area` are keys (PLAN_AS_A_WHOLE: gaps of no objective), `actor` is the key of a closer.
    """
    return tuple(
        gap
        for gap in gaps
        if (not kind or gap.kind == kind)
        and (not group or gap.group == group)
        and (not objective or gap.objective_key == objective)
        and (not area or gap.area_key == area)
        and (not actor or any(closer.key == actor for closer in gap.closers))
    )


def counts(gaps: Iterable[Gap]) -> Counter[tuple[GapKind, str]]:
    """How many gaps there are of each kind in each objective, by its key."""
    return Counter((gap.kind, gap.objective_key) for gap in gaps)


def closers_of(gaps: Iterable[Gap]) -> list[tuple[Closer, int]]:
    """Who can close how many, most first. A gap that two can close counts for both."""
    number = Counter(closer for gap in gaps for closer in gap.closers)
    return sorted(number.items(), key=lambda pair: (-pair[1], str(pair[0].name)))

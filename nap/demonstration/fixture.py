"""Collects the rows of a fixture and writes it: natural keys only, one order, the same bytes every time."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal

FOUR_PLACES = Decimal("0.0001")

# Each model after those that its rows refer to, because a natural key must be there when it is looked up.
ORDER = [
    "actors.country",
    "actors.actor",
    "actors.user",
    "actors.membership",
    "objectives.plan",
    "objectives.area",
    "objectives.objective",
    "objectives.activity",
    "objectives.milestone",
    "objectives.responsibility",
    "objectives.term",
    "objectives.objectivecoverage",
    "objectives.activitycoverage",
    "objectives.omission",
    "indicators.scale",
    "indicators.scalestep",
    "indicators.indicator",
    "indicators.target",
    "indicators.indicatorcoverage",
    "indicators.indicatoromission",
    "indicators.reportingperiod",
    "indicators.progressreport",
    "indicators.evidence",
    "indicators.activityreport",
]


class Fixture:
    """Rows by model, each in the order in which it was added."""

    def __init__(self) -> None:
        self._rows: dict[str, list[dict[str, object]]] = {model: [] for model in ORDER}

    def add(self, model: str, /, **fields: object) -> None:
        """Add a row. Fields that are None or empty text take the model's default and are left out."""
        kept = {name: value for name, value in fields.items() if value is not None and value != ""}
        self._rows[model].append(kept)

    def text(self) -> str:
        """The fixture as `loaddata` reads it."""
        rows = [{"model": model, "fields": fields} for model in ORDER for fields in self._rows[model]]
        return json.dumps(rows, ensure_ascii=False, indent=1, default=_plain) + "\n"


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{value!r} has no place in a fixture.")


def decimal(value: object) -> Decimal:
    """A figure of the story ("49/196" is a percentage) with four places."""
    part, whole = fraction(value)
    if part is not None and whole is not None:
        return (part / whole * 100).quantize(FOUR_PLACES)
    return Decimal(str(value)).quantize(FOUR_PLACES)


def fraction(value: object) -> tuple[Decimal | None, Decimal | None]:
    """Numerator and denominator of "49/196"; None and None for a plain figure."""
    if not isinstance(value, str) or "/" not in value:
        return None, None
    part, whole = value.split("/")
    return Decimal(part), Decimal(whole)

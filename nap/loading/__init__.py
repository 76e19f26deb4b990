"""Loads the plan of one country from a JSON file: everything or nothing, with every fault named (docs/loading.md).

The file has the format of Django's fixtures. `loaddata` would pass all validators by, so the records go through the
resources of the apps instead, in one transaction, and the rules of `manage.py checkdata` are asked before it is kept.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from actors.resources import ABSENT, Lookup, NaturalKey, counted, shown
from indicators.models import ProgressReport, ReportState
from nap.checkdata import find
from nap.loading.records import (
    BY_LABEL,
    SIZE_LIMIT,
    Fault,
    Load,
    Record,
    Refused,
    fail,
    is_sound,
    own_key,
    read,
    readable,
)
from nap.loading.scope import check_repeated, check_scope, country_of, edition_of
from objectives.models import Plan


@dataclass(frozen=True)
class Count:
    """Rows of one model."""

    model: str
    new: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class Loaded:
    """What a load changed, or would change. `plan` is "XA/2024-2029"; empty where the file holds actors alone."""

    country: str
    plan: str
    counts: tuple[Count, ...]

    @property
    def is_unchanged(self) -> bool:
        return not any(count.new or count.changed for count in self.counts)


def load_plan(data: bytes, *, source: str, country: str | None = None, dry_run: bool = False) -> Loaded:
    """Load the records in `data` and say what changed; nothing is kept with `dry_run`.

    `country` is an ISO code that all records must belong to; without it, it is the one that the plan names. `source`
    stands in the history of every row. Raises Refused, and keeps nothing, where anything is wrong.
    """
    load = Load()
    records = readable(read(data), load)
    code = load.country = country_of(records, country, load)
    edition = edition_of(records, load)
    for record in records:
        check_scope(record, code, edition, load)
    check_repeated(records, load)
    with transaction.atomic():
        before = set(find(country_code=code))
        public_before = _public_with_assessments(code)
        counts = _import(records, load, code=code, reason=_("Loaded from %(source)s") % {"source": source})
        if not load.faults:
            load.faults += _broken_rules(before, code)
            load.faults += _hidden_assessments(public_before - _public_with_assessments(code))
        if dry_run or load.faults:
            transaction.set_rollback(True)
    if load.faults:
        raise Refused(sorted(load.faults, key=lambda fault: fault.record), load.unchecked)
    return Loaded(code, f"{code}/{edition}" if edition else "", tuple(counts))


def _import(records: list[Record], load: Load, *, code: str, reason: str) -> list[Count]:
    """Write the rows, model by model, and say how many were new, changed and unchanged."""
    lookup = Lookup([code])
    of_model: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        of_model[record.label].append(record)
    counts = []
    for label, resource_class in BY_LABEL.items():
        sound = _in_order([record for record in of_model[label] if is_sound(record, load)], load)
        if not sound:
            continue
        resource = resource_class(lookup=lookup, reason=reason, shows_changes=False)
        columns = list(resource_class.fields)
        dataset = tablib.Dataset(headers=columns)
        for record in sound:
            dataset.append([record.fields.get(name, ABSENT) for name in columns])
        # Faults do not roll back a model's good rows: the ones after it refer to them. The caller rolls back all.
        result = resource.import_data(dataset, use_transactions=True)
        for error in [*result.base_errors, *(error for row in result.error_rows for error in row.errors)]:
            raise error.error  # no fault of the file
        for row in result.invalid_rows:
            record = sound[row.number - 1]
            if is_sound(record, load):  # or else it is invalid only because the one above it is
                _note(record, row.error, load)
        counts.append(Count(label, *counted(result.totals)))
    return counts


def _in_order(records: list[Record], load: Load) -> list[Record]:
    """Those that others of the same model refer to first: a ministry before its departments."""
    by_key = {own_key(record): record for record in records}
    ordered: dict[int, Record] = {}
    for first in records:
        path: dict[int, Record] = {}
        stack = [first]
        while stack:
            record = stack[-1]
            path[record.number] = record
            before = [by_key[key] for key in _same_model(record) if key in by_key]
            waiting = [one for one in before if one.number not in ordered]
            circle = next((one for one in waiting if one.number in path), None)
            if circle:
                why = _("expected no circle: record %(number)d refers back to this one") % {"number": circle.number}
                load.add(record.fault("", record.key, why))
                fail(record, load)
                waiting = []
            if waiting:
                stack.append(waiting[0])
            else:
                ordered[record.number] = stack.pop()
                path.pop(record.number)
    return [record for record in ordered.values() if is_sound(record, load)]


def _same_model(record: Record) -> list[NaturalKey]:
    model = record.resource._meta.model
    return [key for _name, widget, key in record.references() if widget.named.model is model and not widget.of_model]


def _note(record: Record, error: ValidationError, load: Load) -> None:
    """A fault for each thing that the row's validation says."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
    for name, errors in by_field.items():
        shown_name = "" if name == NON_FIELD_ERRORS else name
        for one in errors:
            params = one.params if one.code == "unfit" and isinstance(one.params, dict) else None
            if params:
                expected = _("expected %(what)s") % {"what": params["expected"]}
                fault = Fault(record.number, record.label, record.key, shown_name, params["found"], expected)
            else:
                found = shown(record.fields.get(shown_name)) if shown_name else ""
                fault = Fault(record.number, record.label, record.key, shown_name, found, " ".join(one.messages))
            load.add(fault)
    fail(record, load)


def _public_with_assessments(code: str) -> set[str]:
    """The editions of the country's public plans on which somebody has published an independent assessment."""
    spoken = [ReportState.PUBLISHED, ReportState.WITHDRAWN]
    assessed = ProgressReport.objects.independent().filter(state__in=spoken).values("indicator__objective__plan")
    return set(Plan.objects.public().filter(country__code=code, pk__in=assessed).values_list("edition", flat=True))


def _hidden_assessments(editions: set[str]) -> list[Fault]:
    """A fault for each plan that the load would take away from those who read its published assessments."""
    expected = _("expected it to stay public: independent assessments of it are published")
    return [
        Fault(0, "objectives.plan", f"{edition}", "is_public", shown(False), expected) for edition in sorted(editions)
    ]


def _broken_rules(before: set, code: str) -> list[Fault]:
    """Rules of `manage.py checkdata` that hold before the load and would not hold after it."""
    return [
        Fault(0, finding.model, finding.key, "", finding.found, finding.remedy)
        for finding in find(country_code=code)
        if finding not in before
    ]


__all__ = ["SIZE_LIMIT", "Count", "Fault", "Loaded", "Refused", "load_plan"]

"""The file of a load: its records, and what is wrong with them before any row is touched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from actors.resources import (
    ActorResource,
    CountryResource,
    NaturalKey,
    NaturalResource,
    ReferencesWidget,
    ReferenceWidget,
    Unfit,
    parse_key,
    shown,
)
from indicators.resources import (
    IndicatorCoverageResource,
    IndicatorOmissionResource,
    IndicatorResource,
    ReportingPeriodResource,
    ScaleResource,
    ScaleStepResource,
    TargetResource,
)
from objectives.resources import (
    ActivityCoverageResource,
    ActivityResource,
    AreaResource,
    MilestoneResource,
    ObjectiveCoverageResource,
    ObjectiveResource,
    OmissionResource,
    PlanResource,
    ResponsibilityResource,
    TermResource,
)

SIZE_LIMIT = 20 * 1024 * 1024  # bytes; a plan of 300 indicators with all its texts is below 1 MB
DEPTH_LIMIT = 8  # lists and objects within each other; a fixture has five

# In this order: each refers to those before it only, and to itself.
RESOURCES: list[type[NaturalResource]] = [
    CountryResource,
    ActorResource,
    PlanResource,
    AreaResource,
    ObjectiveResource,
    ActivityResource,
    MilestoneResource,
    ResponsibilityResource,
    TermResource,
    ScaleResource,
    ScaleStepResource,
    IndicatorResource,
    TargetResource,
    ReportingPeriodResource,
    ObjectiveCoverageResource,
    ActivityCoverageResource,
    IndicatorCoverageResource,
    OmissionResource,
    IndicatorOmissionResource,
]
BY_LABEL = {resource._meta.model._meta.label_lower: resource for resource in RESOURCES}
REFUSED = {
    "actors.user": _("no people: they are invited in the application or by the platform administrator"),
    "actors.membership": _("no memberships: they are given in the application or by the platform administrator"),
    "indicators.progressreport": _("no reports: they are written, and verified by somebody else, in the application"),
    "indicators.activityreport": _("no reports: they are written, and verified by somebody else, in the application"),
    "indicators.evidence": _("no evidence: it is added to its report in the application"),
    "objectives.probableactor": _("no lines of the model, which is loaded with loaddata"),
    "objectives.wording": _("no lines of the model, which is loaded with loaddata"),
}
IGNORED_FIELDS = {"version"}  # dumpdata writes it; the stored row counts its own edits


@dataclass(frozen=True)
class Fault:
    """What is wrong with a record, or with the file where `record` is 0. `record` counts from 1."""

    record: int
    model: str
    key: str
    field: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = [_("record %(number)d") % {"number": self.record} if self.record else _("file")]
        where += [part for part in (self.model, self.key) if part]
        where += [_("field %(name)s") % {"name": self.field}] if self.field else []
        found = _("found %(value)s; ") % {"value": self.found} if self.found else ""
        return f"{', '.join(where)}: {found}{self.expected}"


class Refused(Exception):
    """Nothing was changed. `faults` says why; `unchecked` counts the records that refer to a faulty one."""

    def __init__(self, faults: list[Fault], unchecked: int = 0) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults
        self.unchecked = unchecked


@dataclass
class Record:
    """One object of the file."""

    number: int
    label: str
    fields: dict[str, Any]

    @property
    def resource(self) -> type[NaturalResource]:
        return BY_LABEL[self.label]

    def references(self) -> Iterator[tuple[str, ReferenceWidget, NaturalKey]]:
        """The field, its widget and the natural key of each reference that can be read as one."""
        for name, column in self.resource.fields.items():
            value = self.fields.get(name)
            if not isinstance(column.widget, ReferenceWidget) or value in (None, "", []):
                continue
            many = isinstance(column.widget, ReferencesWidget)
            for one in value if many and isinstance(value, list) else [value]:
                try:
                    yield name, column.widget, parse_key(one, column.widget.named)
                except Unfit:
                    continue  # the resource names the field

    @property
    def key(self) -> str:
        """How messages name the record: its key, or what it is found by."""
        names = [name for name in self.resource._meta.import_id_fields if name in self.fields]
        if "key" in names:
            names = ["key"]
        parts = [self.fields[name] for name in names if self.fields[name] is not None]
        return " ".join("/".join(map(str, part)) if isinstance(part, list) else str(part) for part in parts)[:100]

    def fault(self, name: str, found: object, expected: str) -> Fault:
        return Fault(self.number, self.label, self.key, name, shown(found), expected)


@dataclass
class Load:
    """A load under way: what was found wrong so far, and which records that leaves out."""

    country: str = ""
    faults: list[Fault] = field(default_factory=list)
    failed: set[int] = field(default_factory=set)  # record numbers
    failed_keys: set[tuple[type[models.Model], NaturalKey]] = field(default_factory=set)
    unchecked: int = 0

    def add(self, fault: Fault) -> None:
        self.faults.append(fault)
        self.failed.add(fault.record)


def whole(found: str, expected: str) -> Refused:
    """The refusal of a file as a whole."""
    return Refused([Fault(0, "", "", "", found, expected)])


def _no_constant(name: str) -> None:
    raise ValueError(_("%(name)s is no number") % {"name": name})


def read(data: bytes) -> list[Any]:
    """The objects of the file. Raises Refused."""
    if len(data) > SIZE_LIMIT:
        raise whole(f"{len(data)} bytes", _("expected at most %(limit)d bytes") % {"limit": SIZE_LIMIT})
    try:
        text = data.decode("utf-8-sig")
        # Numbers as they were written: a float would change them.
        read = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
        json.dumps(read, ensure_ascii=False, default=str).encode()  # half a character can be escaped, and never stored
    except UnicodeEncodeError:
        raise whole(_("half of a character"), _("expected text in UTF-8")) from None
    except UnicodeDecodeError as error:
        raise whole(f"byte {error.start}", _("expected text in UTF-8")) from None
    except json.JSONDecodeError as error:
        where = _("line %(line)d, column %(column)d") % {"line": error.lineno, "column": error.colno}
        why = _("expected JSON, whole: %(why)s. The file is cut short or is none of ours.") % {"why": error.msg}
        raise whole(where, why) from None
    except RecursionError:
        raise whole(_("thousands of levels"), _("expected a list of records")) from None
    except ValueError as error:
        raise whole("", _("expected JSON: %(why)s") % {"why": error}) from None
    if not isinstance(read, list) or not read:
        raise whole(shown(read), _("expected a list of one or more records"))
    return read


def _depth(value: Any) -> int:
    """How deep lists and objects lie within each other, without a recursion of our own."""
    deepest, level = 0, [value]
    while level:
        deepest += 1
        within: list[Any] = []
        for one in level:
            within += one.values() if isinstance(one, dict) else one if isinstance(one, list) else []
        level = within
    return deepest


def readable(objects: list[Any], load: Load) -> list[Record]:
    """The objects that are records of a plan; a fault for each of the others."""
    records = []
    for number, one in enumerate(objects, 1):
        fault = _fault_of_object(number, one)
        if fault:
            load.add(fault)
            continue
        record = Record(number, one["model"].lower(), one["fields"])
        for name in record.fields.keys() - set(record.resource.fields) - IGNORED_FIELDS:
            load.add(record.fault(name, name, _("expected one of: %s") % ", ".join(record.resource.fields)))
        if "key" in record.resource._meta.import_id_fields and "key" not in record.fields:
            load.add(record.fault("key", None, _("expected a value")))  # or else the row would get a new key each time
        for name in IGNORED_FIELDS & record.fields.keys():
            del record.fields[name]
        records.append(record)
    return records


def _fault_of_object(number: int, one: Any) -> Fault | None:
    if not isinstance(one, dict) or not isinstance(one.get("model"), str) or not isinstance(one.get("fields"), dict):
        return Fault(number, "", "", "", shown(one), _("expected an object with “model” and “fields”"))
    label = one["model"].lower()
    if label in REFUSED:
        return Fault(number, label, "", "model", shown(label), _("expected %(why)s") % {"why": REFUSED[label]})
    if label not in BY_LABEL:
        return Fault(number, label, "", "model", shown(label), _("expected one of: %s") % ", ".join(BY_LABEL))
    if one.get("pk") is not None:
        return Fault(number, label, "", "pk", shown(one["pk"]), _("expected none: rows are found by their keys"))
    if one.keys() - {"model", "fields", "pk"}:
        extra = ", ".join(sorted(one.keys() - {"model", "fields", "pk"}))
        return Fault(number, label, "", "", shown(extra), _("expected nothing beside “model” and “fields”"))
    if _depth(one) > DEPTH_LIMIT:
        return Fault(number, label, "", "", _("lists within lists"), _("expected values and lists of keys"))
    return None


def is_sound(record: Record, load: Load) -> bool:
    """Whether the record can be written. One that refers to a faulty one is not: its fault would only repeat that."""
    if record.number in load.failed:
        fail(record, load)
        return False
    if any((widget.named.model, key) in load.failed_keys for _name, widget, key in record.references()):
        load.unchecked += 1
        fail(record, load)
        return False
    return True


def fail(record: Record, load: Load) -> None:
    """Leave out the records that refer to this one."""
    key = own_key(record)
    if key:
        load.failed_keys.add((record.resource._meta.model, key))
        # Others may refer to it where it should have stood.
        load.failed_keys.add((record.resource._meta.model, (load.country, *key[1:])))


def own_key(record: Record) -> NaturalKey | None:
    """The natural key by which other records refer to this one, read from the file."""
    if record.label == "actors.country":
        return (record.fields.get("code"),)
    home = record.resource._meta.import_id_fields[0]
    above = next((key for name, _widget, key in record.references() if name == home), None)
    if above is None and record.fields.get(home) is None:
        above = (None,)  # no country: refused, but others may refer to it
    own = record.fields.get(record.resource._meta.import_id_fields[-1])
    if above is None or not isinstance(own, str):
        return None
    return (*above[:2], own)

"""A load holds rows of one country and one plan, each once."""

from __future__ import annotations

import json
import re

from django.utils.translation import gettext as _

from actors.models import Country
from actors.resources import (
    NaturalKey,
    ReferenceWidget,
    shown,
)
from nap.loading.records import Fault, Load, Record, Refused, whole


def country_of(records: list[Record], country: str | None, load: Load) -> str:
    """The code of the one country: the one asked for, or the plan's, or the first that a record names. Raises Refused
    where there is none, or where it is neither stored nor in the file."""
    named = [(record, _home(record)) for record in records]
    plans = [home for record, home in named if record.label == "objectives.plan" and home]
    code = country or next((home for home in [*plans, *(home for _record, home in named)] if home), None)
    if code is None:
        faults = load.faults or [Fault(0, "", "", "", _("no country"), _("expected records of one country's plan"))]
        raise Refused(faults)
    if plans and code not in plans:
        raise whole(shown(plans[0]), _("expected a plan of %(country)s") % {"country": code})
    if not re.fullmatch("[A-Z]{2}", code):
        raise whole(shown(code), _("expected a country code of two capital letters"))
    in_file = any(record.label == "actors.country" and record.fields.get("code") == code for record in records)
    if not in_file and not Country.objects.filter(code=code).exists():
        why = _("expected a country that exists: add it in the administration site, or as the first record")
        raise whole(shown(code), why)
    return code


def _home(record: Record) -> str | None:
    """The code of the country that a record says it belongs to."""
    if record.label == "actors.country":
        return record.fields.get("code") if isinstance(record.fields.get("code"), str) else None
    home = record.resource._meta.import_id_fields[0]
    return next((key[0] for name, _widget, key in record.references() if name == home), None)


def edition_of(records: list[Record], load: Load) -> str | None:
    """The edition of the one plan; a fault for every further plan."""
    plans = [record for record in records if record.label == "objectives.plan"]
    for record in plans[1:]:
        load.add(record.fault("edition", record.fields.get("edition"), _("expected one plan in a file")))
    if plans:
        return plans[0].fields.get("edition") if isinstance(plans[0].fields.get("edition"), str) else None
    parts = (
        key[1]
        for record in records
        for _name, widget, key in record.references()
        if "edition" in widget.named.parts and not widget.of_model and not widget.any_edition
    )
    return next(parts, None)


def check_scope(record: Record, code: str, edition: str | None, load: Load) -> None:
    """Every record, and every row that one refers to, belongs to the one country and plan, or to its model."""
    home = record.resource._meta.import_id_fields[0]
    if record.label == "actors.country" and record.fields.get("code") != code:
        load.add(record.fault("code", record.fields.get("code"), _("expected %(country)s") % {"country": code}))
    elif record.label != "actors.country" and record.fields.get(home) is None:
        why = _("expected a row of %(country)s: the model is loaded with loaddata") % {"country": code}
        load.add(record.fault(home, None, why))
    for name, widget, key in record.references():
        expected = _expected(widget, key, code, edition)
        if expected:
            load.add(record.fault(name, list(key), expected))


def _expected(widget: ReferenceWidget, key: NaturalKey, code: str, edition: str | None) -> str | None:
    """What a reference should point to instead; None where it may point there."""
    if widget.of_model:
        return None if key[0] is None else _("expected a row of the model")
    if key[0] != code:
        return _("expected a row of %(country)s") % {"country": code}
    if "edition" in widget.named.parts and not widget.any_edition and edition is not None and key[1] != edition:
        return _("expected a row of the plan %(country)s/%(edition)s") % {"country": code, "edition": edition}
    return None


def check_repeated(records: list[Record], load: Load) -> None:
    """No row stands in the file twice: which one should hold?"""
    seen: dict[tuple[str, str], int] = {}
    for record in records:
        identity = _identity(record)
        if identity in seen:
            why = _("expected each row once; this one is record %(number)d, too") % {"number": seen[identity]}
            load.add(record.fault("", record.key, why))
        else:
            seen[identity] = record.number


def _identity(record: Record) -> tuple[str, str]:
    parts = [record.fields.get(name) for name in record.resource._meta.import_id_fields]
    if "key" in record.resource._meta.import_id_fields:
        # a key is unique within the plan, whichever objective or scale it stands under
        home = parts[0][:2] if isinstance(parts[0], list) else parts[0]
        parts = [home, record.fields.get("key")]
        if record.label == "actors.actor":
            parts[0] = None
    return record.label, json.dumps(parts, default=str)

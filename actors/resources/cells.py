"""Cells: how the values of a row stand in files, and how they are read. What cannot be read says what would fit."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from import_export import fields, widgets

ABSENT = object()  # stands in a cell whose record does not speak of the field: it keeps its value, or takes the default
MODEL = "model"  # stands in text for "no country", as in the addresses

NaturalKey = tuple[Any, ...]


@dataclass(frozen=True)
class Named:
    """A model whose rows others refer to by natural key: a country's code, or none for the model; an edition; a key."""

    model: type[models.Model]
    to_country: str = (
        ""  # the path of foreign keys to the country; empty where the key itself is the country or a person
    )
    parts: tuple[str, ...] = ("country", "key")

    @property
    def shape(self) -> str:
        """What a reference looks like in a cell: "country/edition/key"."""
        return "/".join(self.parts)


class Unfit(ValueError):
    """A cell that cannot be read as what its field holds; says what would fit."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def unfit(found: object, expected: str) -> ValidationError:
    """The error of one cell. Its params keep both parts, for those who show them apart."""
    params = {"found": shown(found), "expected": expected}
    return ValidationError("found %(found)s, expected %(expected)s", code="unfit", params=params)


def shown(value: object) -> str:
    """A value as it stands in a message: short, and told apart from the words around it."""
    if value is ABSENT or value in (None, ""):
        return _("nothing")
    if isinstance(value, list | tuple) and all(part is None or isinstance(part, str) for part in value):
        value = "/".join(part or MODEL for part in value)  # a key, as in a cell
    if isinstance(value, Decimal):
        value = str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"“{text if len(text) <= 80 else text[:79] + '…'}”"


class Lookup:
    """Finds rows by natural key. Asks for all rows of a model in scope at the first question, and then no more."""

    def __init__(self, countries: Iterable[str] | None = None) -> None:
        self.countries = None if countries is None else list(countries)
        self._found: dict[type[models.Model], dict[NaturalKey, models.Model | None]] = {}

    def get(self, named: Named, key: NaturalKey) -> models.Model | None:
        """The row of that key; None where there is none. Raises Unfit where several rows have it."""
        rows = self.rows(named.model, named.to_country)
        if key in rows and rows[key] is None:
            raise Unfit(_("a key that one row has; several have this one, see manage.py checkdata"))
        return rows.get(key)

    def rows(self, model: type[models.Model], to_country: str, *also: str) -> dict[NaturalKey, models.Model | None]:
        """All rows of `model` in scope by natural key; None for a key that several rows have. One query, once."""
        if model not in self._found:
            rows: Any = model._default_manager.all()
            if to_country:
                rows = rows.select_related(to_country, *also)
            if self.countries is not None and to_country:
                own = models.Q(**{f"{to_country}__code__in": self.countries})
                rows = rows.filter(own | models.Q(**{f"{to_country}__isnull": True}))
            found: dict[NaturalKey, models.Model | None] = {}
            for row in rows:
                key = row.natural_key()
                found[key] = None if key in found else row
            self._found[model] = found
        return self._found[model]

    def add(self, row: Any) -> None:
        """Remember a row that was stored just now."""
        if type(row) in self._found:
            self._found[type(row)][row.natural_key()] = row


def parse_key(value: object, named: Named) -> NaturalKey:
    """The natural key that a cell holds: a list, as in fixtures, or text such as "XA/2024-2029/o1".

    Raises Unfit. "model" in the place of the country means that of no country.
    """
    if isinstance(value, str):
        found: list[object] = list(value.strip().split("/")) if len(named.parts) > 1 else [value.strip()]
        if len(found) > 1 and found[0] == MODEL:
            found[0] = None
    else:
        found = list(value) if isinstance(value, list | tuple) else []
    first_is_none = len(found) > 1 and found[0] is None
    are_texts = all(isinstance(part, str) and part and "\x00" not in part for part in found[first_is_none:])
    if len(found) != len(named.parts) or not are_texts:
        raise Unfit(_("%(thing)s as %(shape)s") % {"thing": named.model._meta.verbose_name, "shape": named.shape})
    if named.parts == ("e-mail",) and isinstance(found[0], str):
        found[0] = found[0].lower()
    return tuple(found)


class ReferenceWidget(widgets.Widget):
    """A foreign key, named by the natural key of the row it points to."""

    lookup: Lookup

    def __init__(self, named: Named, *, of_model: bool = False, any_edition: bool = False) -> None:
        widgets.Widget.__init__(self)
        self.named = named
        self.of_model = of_model  # points into the model plan, so no country may stand in it
        self.any_edition = any_edition  # may point to another edition of the country's plan

    def clean(self, value, row=None, **kwargs):
        if value in (None, "", ABSENT):
            return None
        found = self.lookup.get(self.named, parse_key(value, self.named))
        if found is None:
            raise Unfit(_("the key of %(thing)s that exists") % {"thing": self.named.model._meta.verbose_name})
        return found

    def render(self, value, obj=None, **kwargs):
        return "/".join(part or MODEL for part in value.natural_key()) if value else ""


class ReferencesWidget(ReferenceWidget, widgets.ManyToManyWidget):
    """Several rows, named by their natural keys: a list in fixtures, separated by spaces or commas in a cell."""

    def __init__(self, named: Named, *, of_model: bool = False) -> None:
        widgets.ManyToManyWidget.__init__(self, named.model)
        self.named = named
        self.of_model = of_model
        self.any_edition = False

    def clean(self, value, row=None, **kwargs):
        if value in (None, "", ABSENT):
            return []
        if not isinstance(value, list | str):
            raise Unfit(_("a list of keys"))
        keys = value.replace(",", " ").split() if isinstance(value, str) else value
        return [ReferenceWidget.clean(self, key) for key in keys]

    def render(self, value, obj=None, **kwargs):
        return ", ".join(ReferenceWidget.render(self, row) for row in value.all()) if value else ""


class TextWidget(widgets.CharWidget):
    def clean(self, value, row=None, **kwargs):
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Unfit(_("a text"))
        if "\x00" in value:
            raise Unfit(_("a text without null characters"))
        return value


class WholeNumberWidget(widgets.Widget):
    def clean(self, value, row=None, **kwargs):
        if value in (None, ""):
            return None
        text = str(value).strip()
        if (
            isinstance(value, bool)
            or not text.lstrip("-").isascii()
            or not text.lstrip("-").isdigit()
            or len(text) > 18
        ):
            raise Unfit(_("a whole number"))
        return int(text)


class DecimalWidget(widgets.Widget):
    """A number with a decimal point; text, since floats do not keep what was written."""

    def clean(self, value, row=None, **kwargs):
        if value in (None, ""):
            return None
        try:
            number = None if isinstance(value, bool) or not isinstance(value, str | int | Decimal) else Decimal(value)
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            raise Unfit(_("a number with a decimal point, such as 12.5"))
        return number


class YesNoWidget(widgets.Widget):
    """import-export's own takes every word it does not know for "no"."""

    WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}

    def clean(self, value, row=None, **kwargs):
        word = str(value).strip().lower()
        if word not in self.WORDS:
            raise Unfit(_("yes or no (true or false)"))
        return self.WORDS[word]

    def render(self, value, obj=None, **kwargs):
        return "yes" if value else "no"


class DayWidget(widgets.Widget):
    def clean(self, value, row=None, **kwargs):
        if value in (None, ""):
            return None
        try:
            if not isinstance(value, str) or len(value) != len("2029-06-30"):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            raise Unfit(_("a date as YYYY-MM-DD")) from None

    def render(self, value, obj=None, **kwargs):
        return value.isoformat() if value else ""


class ListWidget(widgets.Widget):
    """A list of short texts: as such in fixtures, separated by commas in a cell."""

    def clean(self, value, row=None, **kwargs):
        if isinstance(value, str):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise Unfit(_("a list of texts"))
        return value

    def render(self, value, obj=None, **kwargs):
        return ", ".join(value or [])


def reference(name: str, named: Named, **options) -> fields.Field:
    """The column of a foreign key."""
    return fields.Field(attribute=name, column_name=name, widget=ReferenceWidget(named, **options))


def references(name: str, named: Named, **options) -> fields.Field:
    """The column of a many-to-many field."""
    return fields.Field(attribute=name, column_name=name, widget=ReferencesWidget(named, **options))

"""How rows come in from files and go out to them: found by natural key, checked by their model, written with history.

Every app's resources build on this: one table, one transaction for the caller, no bulk writes (they leave no history).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets
from import_export.results import RowResult

from actors.actions import EditConflict, save_edit, save_new
from actors.models import User, Versioned

ABSENT = object()  # stands in a cell whose record does not speak of the field: it keeps its value, or takes the default
MODEL = "model"  # stands in text for "no country", as in the addresses
REASON_LENGTH = 100  # characters that simple-history keeps of a reason

NaturalKey = tuple[Any, ...]


@dataclass(frozen=True)
class Named:
    """A model whose rows others refer to by natural key: a country's code, or none for the model; an edition; a key."""

    model: type[models.Model]
    to_country: str = ""  # the path of foreign keys to the country; empty where the key itself is the country or a person
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
            rows = model._default_manager.all()
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

    def add(self, row: models.Model) -> None:
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
    is_text = all(isinstance(part, str) and part for part in found[1:])
    if len(found) != len(named.parts) or not is_text or not (found[0] is None or isinstance(found[0], str)):
        raise Unfit(_("%(thing)s as %(shape)s") % {"thing": named.model._meta.verbose_name, "shape": named.shape})
    if named.parts == ("e-mail",) and isinstance(found[0], str):
        found[0] = found[0].lower()
    return tuple(found)


class ReferenceWidget(widgets.Widget):
    """A foreign key, named by the natural key of the row it points to."""

    lookup: Lookup

    def __init__(self, named: Named, *, of_model: bool = False, any_edition: bool = False) -> None:
        super().__init__()
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
        if isinstance(value, bool) or not text.lstrip("-").isascii() or not text.lstrip("-").isdigit() or len(text) > 18:
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


class PlainDiff(resources.Diff):
    """What an import would change, as text: import-export's own marks it with inline styles, which our policy blocks."""

    def as_html(self) -> list[str]:
        pairs = zip(self.left, self.right, strict=True)
        return [str(new) if self.new or old == new else f"{old} → {new}" for old, new in pairs]


class NaturalResource(resources.ModelResource):
    """Rows of one model in files. Existing rows are found by natural key and changed; the others are added.

    A row passes the same validators as one from a form: `clean_fields` and `clean`. The database's own rules are not
    asked one by one beforehand (30 statements a row): a broken one comes back as an error of the row.
    """

    WIDGETS_MAP = {
        **resources.ModelResource.WIDGETS_MAP,
        "CharField": TextWidget,
        "TextField": TextWidget,
        "SlugField": TextWidget,
        "DateField": DayWidget,
        "DecimalField": DecimalWidget,
        "PositiveSmallIntegerField": WholeNumberWidget,
        "BooleanField": YesNoWidget,
        "JSONField": ListWidget,
    }
    named: ClassVar[Named]
    also_related: ClassVar[tuple[str, ...]] = ()  # further foreign keys that the natural key reads
    rules: ClassVar[dict[str, str]] = {}  # what to say of a broken constraint, where its name is not enough

    class Meta:
        use_transactions = True
        skip_unchanged = True
        report_skipped = True
        clean_model_instances = True
        use_bulk = False

    def __init__(self, *, lookup: Lookup | None = None, by: User | None = None, reason: str = "", **_kwargs) -> None:
        super().__init__()
        self.lookup = lookup or Lookup()
        self.by: Any = by  # None where a command writes
        self.reason = reason[:REASON_LENGTH]
        for field in self.fields.values():
            if isinstance(field.widget, ReferenceWidget):
                field.widget.lookup = self.lookup

    @classmethod
    def get_diff_class(cls):
        return PlainDiff

    def rows(self) -> dict[NaturalKey, models.Model | None]:
        """The stored rows by natural key."""
        return self.lookup.rows(self._meta.model, self.named.to_country, *self.also_related)

    # --- in ---------------------------------------------------------------------------------------------------------

    def before_import(self, dataset, **kwargs) -> None:
        self.by = self.by or kwargs.get("user")

    def before_import_row(self, row, **kwargs) -> None:
        for name in [name for name, value in row.items() if value is ABSENT]:
            del row[name]

    def get_instance(self, instance_loader, row):
        """The stored row of the same natural key, found without a query of its own."""
        key = self.natural_key_of(row)
        found = self.rows().get(key) if key else None
        return found

    def natural_key_of(self, row) -> NaturalKey | None:
        """The natural key that the row's identifying columns make; None where they do not."""
        probe = self._meta.model()
        try:
            for name in self.get_import_id_fields():
                if self.fields[name].column_name in row:
                    self.fields[name].save(probe, row)
            return probe.natural_key()
        except (ValueError, AttributeError, ObjectDoesNotExist):
            return None  # import_instance names the column

    def import_instance(self, instance, row, **kwargs) -> None:
        errors: dict[str, ValidationError] = {}
        for field in self.get_import_fields():
            try:
                if isinstance(field.widget, widgets.ManyToManyWidget):
                    if field.column_name in row:
                        field.clean(row)
                elif field.column_name in row:
                    self._import_cell(field, instance, row)
            except Unfit as error:
                errors[field.attribute] = unfit(row[field.column_name], error.expected)
        key = self.natural_key_of(row)
        if key and key in self.rows() and self.rows()[key] is None:
            errors[self.get_import_id_fields()[-1]] = ValidationError(
                _("Several rows have this key, see manage.py checkdata.")
            )
        if errors:
            raise ValidationError(errors)

    def _import_cell(self, field: fields.Field, instance: models.Model, row) -> None:
        """Set the attribute to what the cell says. An empty cell of a text is empty, not the field's default."""
        setattr(instance, field.attribute, field.widget.clean(row[field.column_name], row=row))

    def validate_instance(self, instance, import_validation_errors=None, validate_unique=True) -> None:
        errors: dict[str, Any] = dict(import_validation_errors or {})
        concrete = instance._meta.concrete_fields
        relations = {field.name for field in concrete if field.is_relation}
        for field in concrete:
            if field.is_relation and not field.null and field.name not in errors and not _has(instance, field):
                errors[field.name] = [unfit(None, _("a value"))]
        try:
            # The rows that relations point to have been looked up, so that asking again costs a query for nothing.
            instance.clean_fields(exclude={*errors, *relations})
        except ValidationError as error:
            for name, faults in error.error_dict.items():
                errors[name] = [_explained(instance, name, fault) for fault in faults]
        if not errors:  # the model's own rules read fields that are known to be there
            try:
                instance.clean()
            except ValidationError as error:
                errors = error.update_error_dict(errors)
        if errors:
            raise ValidationError(errors)

    def skip_row(self, instance, original, row, import_validation_errors=None) -> bool:
        if instance._state.adding:
            return False
        return super().skip_row(instance, original, row, import_validation_errors)

    def do_instance_save(self, instance, is_create) -> None:
        instance._change_reason = self.reason or None
        try:
            if is_create or not isinstance(instance, Versioned):
                save_new(instance, by=self.by)
            else:
                save_edit(instance, version=instance.version, by=self.by)
        except IntegrityError as error:
            raise ValidationError({NON_FIELD_ERRORS: [self.broken_rule(error)]}) from error
        except EditConflict as error:
            raise ValidationError(_("Somebody else changed this row in this moment. Import again.")) from error

    def after_save_instance(self, instance, row, **kwargs) -> None:
        self.lookup.add(instance)

    def broken_rule(self, error: IntegrityError) -> str:
        """A sentence on the constraint that the database refused a row for."""
        constraint = broken_constraint(self._meta.model, error)
        if constraint is None:
            return _("The database refuses this row: %(why)s") % {"why": str(error).splitlines()[0]}
        if constraint.name in self.rules:
            return str(self.rules[constraint.name])
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            names = [str(self._meta.model._meta.get_field(name).verbose_name) for name in constraint.fields]
            return _("Another row has the same %(names)s.") % {"names": ", ".join(names)}
        return _("This breaks the rule “%(rule)s”.") % {"rule": constraint.name.replace("_", " ")}

    # --- out --------------------------------------------------------------------------------------------------------

    def filter_export(self, queryset, **kwargs):
        """With what the keys in the columns read, so that an export has one query and one for each list."""
        related: set[str] = set(self.also_related)
        lists: list[models.Prefetch] = []
        for field in self.fields.values():
            if isinstance(field.widget, ReferencesWidget):
                rows = field.widget.named.model._default_manager.all()
                rows = rows.select_related(field.widget.named.to_country) if field.widget.named.to_country else rows
                lists.append(models.Prefetch(field.attribute, rows))
            elif isinstance(field.widget, ReferenceWidget):
                path = field.widget.named.to_country
                related.add(f"{field.attribute}__{path}" if path else field.attribute)
        return (queryset.select_related(*related) if related else queryset).prefetch_related(*lists)


def _has(instance: models.Model, field: models.Field) -> bool:
    """Whether a relation is set, be it to a row that has no id yet."""
    return getattr(instance, field.attname) is not None


def _explained(instance: models.Model, name: str, fault: ValidationError) -> ValidationError:
    """A field's error with the value found and the choices there are."""
    field = instance._meta.get_field(name)
    value = getattr(instance, field.attname)
    if fault.code == "invalid_choice":
        return unfit(value, _("one of: %(choices)s") % {"choices": ", ".join(str(key) for key, _name in field.flatchoices)})
    if fault.code in ("null", "blank"):
        return unfit(None, _("a value"))
    return unfit(value, " ".join(fault.messages))


def broken_constraint(model: type[models.Model], error: IntegrityError) -> models.BaseConstraint | None:
    """The constraint that the database refused a row for. PostgreSQL names it; SQLite names a CHECK and an index on
    expressions, and lists the columns of any other UNIQUE."""
    diagnosis = getattr(error.__cause__, "diag", None)
    said = getattr(diagnosis, "constraint_name", None) or str(error)
    constraints = {constraint.name: constraint for constraint in model._meta.constraints}
    if said in constraints:
        return constraints[said]
    _before, _colon, rest = said.partition("constraint failed: ")
    name = rest.removeprefix("index ").strip("'")
    if name in constraints:
        return constraints[name]
    columns = {column.partition(".")[2] for column in rest.split(", ")}
    for constraint in constraints.values():
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:
            if {model._meta.get_field(field).column for field in constraint.fields} == columns:
                return constraint
    return None


def counted(totals: dict[str, int]) -> tuple[int, int, int]:
    """New, changed and unchanged rows of an import."""
    return (
        totals[RowResult.IMPORT_TYPE_NEW],
        totals[RowResult.IMPORT_TYPE_UPDATE],
        totals[RowResult.IMPORT_TYPE_SKIP],
    )

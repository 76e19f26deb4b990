"""How rows come in from files and go out to them: found by natural key, checked by their model, written with history.

Every app's resources build on this: one table, one transaction for the caller, no bulk writes (they leave no history).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import NON_FIELD_ERRORS, ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, models
from django.utils.translation import gettext as _
from import_export import fields, resources, widgets
from import_export.results import RowResult

from actors.actions import EditConflict, save_edit, save_new
from actors.models import User, Versioned
from actors.resources.cells import (
    ABSENT,
    DayWidget,
    DecimalWidget,
    ListWidget,
    Lookup,
    Named,
    NaturalKey,
    ReferencesWidget,
    ReferenceWidget,
    TextWidget,
    Unfit,
    WholeNumberWidget,
    YesNoWidget,
    unfit,
)

REASON_LENGTH = 100  # characters that simple-history keeps of a reason


class PlainDiff(resources.Diff):
    """What an import would change, as text: import-export's own marks it with inline styles, which our policy blocks."""

    def as_html(self) -> list[str]:
        pairs = zip(self.left, self.right, strict=True)
        return [str(new) if self.new or old == new else f"{old} → {new}" for old, new in pairs]


class NoDiff:
    """For imports that nobody looks at row by row: reading both sides of every row costs queries."""

    def __init__(self, resource, instance, new) -> None:
        pass

    def compare_with(self, resource, instance) -> None:
        pass

    def as_html(self) -> list[str]:
        return []


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
    rules: ClassVar[dict[str, Any]] = {}  # what to say of a broken constraint, where its name is not enough

    class Meta:
        use_transactions = True
        skip_unchanged = True
        report_skipped = True
        clean_model_instances = True
        use_bulk = False

    def __init__(
        self,
        *,
        lookup: Lookup | None = None,
        by: User | None = None,
        reason: str = "",
        shows_changes: bool = True,
        **_kwargs,
    ) -> None:
        super().__init__()
        self.shows_changes = shows_changes
        self.lookup = lookup or Lookup()
        self.by: Any = by  # None where a command writes
        self.reason = reason[:REASON_LENGTH]
        for field in self.fields.values():
            if isinstance(field.widget, ReferenceWidget):
                field.widget.lookup = self.lookup

    def get_diff_class(self):
        return PlainDiff if self.shows_changes else NoDiff

    def rows(self) -> dict[NaturalKey, models.Model | None]:
        """The stored rows by natural key."""
        return self.lookup.rows(self._meta.model, self.named.to_country, *self._related())

    def _related(self) -> set[str]:
        """The foreign keys that the natural keys in the columns are read through."""
        related = set(self.also_related)
        for field in self.fields.values():
            if isinstance(field.widget, ReferenceWidget) and not isinstance(field.widget, ReferencesWidget):
                path = field.widget.named.to_country
                related.add(f"{field.attribute}__{path}" if path else field.attribute)
        return related

    # --- in ---------------------------------------------------------------------------------------------------------

    def before_import(self, dataset, **kwargs) -> None:
        self.by = self.by or kwargs.get("user")

    def before_import_row(self, row, **kwargs) -> None:
        for name in [name for name, value in row.items() if value is ABSENT]:
            del row[name]

    def get_instance(self, instance_loader, row):
        """The stored row of the same natural key, found without a query of its own."""
        key = self.natural_key_of(row)
        return self.rows().get(key) if key else None

    def natural_key_of(self, row) -> NaturalKey | None:
        """The natural key that the row's identifying columns make; None where they do not."""
        probe = self._meta.model()
        try:
            for name in self.get_import_id_fields():
                if name in row:
                    self._import_cell(self.fields[name], probe, row)
            return probe.natural_key()
        except (ValueError, AttributeError, AssertionError, ObjectDoesNotExist):
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
        lists: list[models.Prefetch] = []
        for field in self.fields.values():
            if isinstance(field.widget, ReferencesWidget):
                rows, path = field.widget.named.model._default_manager.all(), field.widget.named.to_country
                lists.append(models.Prefetch(field.attribute, rows.select_related(path) if path else rows))
        related = self._related()
        return (queryset.select_related(*related) if related else queryset).prefetch_related(*lists)


def _has(instance: models.Model, field: models.Field) -> bool:
    """Whether a relation is set, be it to a row that has no id yet."""
    return getattr(instance, field.attname) is not None


def _explained(instance: models.Model, name: str, fault: ValidationError) -> ValidationError:
    """A field's error with the value found and the choices there are."""
    field: Any = instance._meta.get_field(name)
    value = getattr(instance, field.attname)
    if fault.code == "invalid_choice":
        return unfit(
            value, _("one of: %(choices)s") % {"choices": ", ".join(str(key) for key, _name in field.flatchoices)}
        )
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
        named = getattr(constraint, "fields", None) or ()  # a CHECK, or a UNIQUE on expressions, names none
        if columns == {getattr(model._meta.get_field(field), "column", None) for field in named}:
            return constraint
    return None


def counted(totals: dict[str, int]) -> tuple[int, int, int]:
    """New, changed and unchanged rows of an import."""
    return (
        totals[RowResult.IMPORT_TYPE_NEW],
        totals[RowResult.IMPORT_TYPE_UPDATE],
        totals[RowResult.IMPORT_TYPE_SKIP],
    )

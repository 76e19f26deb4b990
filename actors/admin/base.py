"""What the administration pages have in common: edit versions, history to look at, and files in and out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from import_export.admin import ExportMixin, ImportMixin
from import_export.forms import ExportForm, ImportForm
from import_export.results import Result
from import_export.tmp_storages import CacheStorage
from simple_history.admin import SimpleHistoryAdmin

from actors.actions import EditConflict, save_edit, save_new
from actors.models import Versioned
from actors.resources.formats import FORMATS

IMPORT_LIMIT = 2 * 1024 * 1024  # bytes; ten thousand people with their memberships


class LimitedImportForm(ImportForm):
    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        if file.size > IMPORT_LIMIT:
            raise forms.ValidationError(
                _("The file has %(size)s. The most that can be imported here is %(limit)s.")
                % {"size": filesizeformat(file.size), "limit": filesizeformat(IMPORT_LIMIT)}
            )
        return file


class FilesOut(ExportMixin):
    """Export without a choice of columns: that form has scripts in its attributes, which our policy blocks."""

    formats = FORMATS
    export_form_class = ExportForm
    to_encoding = "utf-8-sig"  # without the mark Excel takes UTF-8 for the machine's own code page


class FilesInAndOut(ImportMixin, FilesOut):
    """Import in two steps, a trial and its confirmation, each everything or nothing."""

    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    import_template_name = "admin/import_rows.html"
    import_form_class = LimitedImportForm
    tmp_storage_class = CacheStorage  # the confirmation may reach another machine than the trial

    def get_import_data_kwargs(self, **kwargs) -> dict:
        return {**super().get_import_data_kwargs(**kwargs), "rollback_on_validation_errors": True}

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs) -> dict:
        return {"by": request.user, "reason": _("Imported in the administration site")}

    def get_export_resource_kwargs(self, request: HttpRequest, **kwargs) -> dict:
        return {}

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        """After the confirmation. What passed the trial can fail by now: then nothing has been kept."""
        if result.has_errors() or result.has_validation_errors():
            messages.error(request, _("The rows have changed since the trial, so nothing was imported. Try again."))
            return HttpResponseRedirect(request.path.replace("process_import/", "import/"))
        return super().process_result(result, request)


class HistoryAdmin(SimpleHistoryAdmin):
    """History to look at. Reverting would go round edit versions and the actions."""

    object_history_list_template = "admin/history_rows.html"  # simple-history's own has a style in its text

    def has_change_history_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def history_form_view(self, request: HttpRequest, object_id, version_id, extra_context=None) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return super().history_form_view(request, object_id, version_id, extra_context)


class VersionedForm(forms.ModelForm):
    """Carries the version that the form was opened at. Raises ValidationError where somebody saved since."""

    opened_at = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_at"].initial = self.instance.version

    def clean(self) -> dict | None:
        cleaned = super().clean()
        if self.instance.pk and self.cleaned_data.get("opened_at") != self.instance.version:
            raise ValidationError(
                _("Somebody else has saved this row since you opened it. Open it again to see what it says now.")
            )
        return cleaned


class VersionedAdmin(HistoryAdmin):
    """Rows that are saved against the version at which the form was opened, by the same action as everywhere."""

    form = VersionedForm

    def get_fieldsets(self, request: HttpRequest, obj=None):
        """The version stands in the form, hidden, whatever fields a page names."""
        fieldsets = super().get_fieldsets(request, obj)
        if not self.has_change_permission(request, obj):
            return fieldsets
        names = [name for name in fieldsets[0][1]["fields"] if name != "opened_at"]
        return [(fieldsets[0][0], {**fieldsets[0][1], "fields": [*names, "opened_at"]}), *fieldsets[1:]]

    def save_model(self, request: HttpRequest, obj: Versioned, form: forms.ModelForm, change: bool) -> None:
        by: Any = request.user  # an administrator, since the site opens to nobody else
        if change:
            save_edit(obj, version=form.cleaned_data["opened_at"], by=by)
        else:
            save_new(obj, by=by)

    def changeform_view(self, request: HttpRequest, object_id=None, form_url="", extra_context=None) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except EditConflict:  # between the form's check and the save
            messages.error(request, _("Somebody else saved this row in this moment. Nothing of yours was saved."))
            return HttpResponseRedirect(request.get_full_path())


class ModelPlanAdmin(FilesOut, HistoryAdmin):
    """Rows of the model plan: to look at and to export. It is loaded with loaddata and is read-only from then on."""

    to_plan = "plan"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Rows of the model alone: a country's plan is edited by its own people, in the application."""
        return super().get_queryset(request).filter(**{f"{self.to_plan}__country__isnull": True})

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

"""Countries, actors, people and memberships in the administration site."""

from __future__ import annotations

import allauth.account.admin  # noqa: F401  # registers its addresses
import django.contrib.auth.admin  # noqa: F401  # registers its groups
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from actors.admin.base import FilesInAndOut, FilesOut, HistoryAdmin, ModelPlanAdmin, VersionedAdmin, VersionedForm
from actors.admin.site import set_up
from actors.models import Actor, Country, Membership, User
from actors.resources import ActorResource, CountryResource, MembershipResource, UserResource

__all__ = ["FilesInAndOut", "FilesOut", "HistoryAdmin", "ModelPlanAdmin", "VersionedAdmin"]

set_up(admin.site)
# Rights follow from memberships, and an account has one address: what these parts registered is taken off again.
for model in (Group, EmailAddress):
    admin.site.unregister(model)


class LanguagesField(forms.CharField):
    """Codes with commas between them, for a list."""

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value) -> list[str]:  # type: ignore[override]
        return [code.strip() for code in (value or "").split(",") if code.strip()]


class CountryForm(VersionedForm):
    languages = LanguagesField(label=_("languages"), required=False, help_text=_("Codes, such as: en, fr"))


@admin.register(Country)
class CountryAdmin(FilesInAndOut, VersionedAdmin):
    form = CountryForm
    fields = ["code", "name", "languages", "help_text", "help_url"]
    list_display = ["name", "code"]
    search_fields = ["name", "code"]
    resource_classes = [CountryResource]

    def get_readonly_fields(self, request: HttpRequest, obj=None) -> list[str]:
        return ["code"] if obj else []  # it stands in addresses and in every key


@admin.register(Actor)
class ActorAdmin(FilesInAndOut, VersionedAdmin):
    """A country's actors. Those of the model are to look at."""

    fields = ["country", "key", "kind", "name", "acronym", "parent", "stands_for", "ended_on", "succeeded_by"]
    list_display = ["name", "acronym", "kind", "country", "key"]
    list_filter = ["country", "kind"]
    list_select_related = ["country"]
    search_fields = ["name", "acronym", "key"]
    raw_id_fields = ["parent", "stands_for", "succeeded_by"]
    resource_classes = [ActorResource]

    def get_readonly_fields(self, request: HttpRequest, obj=None) -> list[str]:
        return ["key", "country", "kind"] if obj else ["key"]

    def get_form(self, request: HttpRequest, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change, **kwargs)
        if "country" in form.base_fields:
            form.base_fields["country"].required = True  # an actor of no country is one of the model's
        return form

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.country_id is not None)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.country_id is not None)


class PersonForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["email", "name", "language", "is_active", "is_staff", "is_superuser"]
        help_texts = {
            "email": _("They sign in with it, and set their password through “Forgotten your password?”."),
            "is_active": _("Without it they cannot sign in. People are never deleted: what they did keeps its name."),
            "is_staff": _("A platform administrator has this mark and the next one."),
            "is_superuser": _("A platform administrator has this mark and the one before."),
        }


@admin.register(User)
class PersonAdmin(FilesInAndOut, HistoryAdmin):
    """People and whether they may sign in. No page shows or takes a password."""

    form = PersonForm
    list_display = ["name", "email", "is_active", "is_platform_administrator"]
    list_filter = ["is_active", "is_superuser"]
    search_fields = ["name", "email"]
    ordering = ["name"]
    resource_classes = [UserResource]

    @admin.display(description=_("platform administrator"), boolean=True)
    def is_platform_administrator(self, person: User) -> bool:
        return person.is_platform_administrator

    def save_model(self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(FilesInAndOut, VersionedAdmin):
    """Roles of people in organisations: ended, never deleted."""

    fields = ["user", "actor", "role", "starts_on", "ends_on"]
    list_display = ["user", "role", "actor", "starts_on", "ends_on"]
    list_filter = ["actor__country", "role"]
    list_select_related = ["user", "actor"]
    search_fields = ["user__name", "user__email", "actor__name", "actor__acronym"]
    raw_id_fields = ["user", "actor"]
    resource_classes = [MembershipResource]

    def get_readonly_fields(self, request: HttpRequest, obj=None) -> list[str]:
        return ["user", "actor", "role"] if obj else []  # another role is another membership

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

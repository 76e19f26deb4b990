"""People and organisations of a country: who is who, who is invited, who has left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from actors.actions import end_membership, invite, let_stand_for, save_actor
from actors.forms import ActorEditForm, ActorForm, MembershipEndForm, MembershipForm, StandInForm
from actors.invitations import send_invitation
from actors.models import Actor, Country, Membership, is_platform_administrator
from actors.pages import answer_form, answers_once, next_address
from actors.permissions import can_coordinate, can_invite_to, can_open_country, can_see_people

form_page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A membership in the list of people; `may_end`: the reader may end it."""

    membership: Membership
    may_end: bool


@require_safe
def people(request: HttpRequest, country: str) -> HttpResponse:
    """Who holds which role in which organisation, and who did."""
    land = _visible_country(request, country)
    if not can_see_people(request.user, land):
        raise PermissionDenied
    rows = Membership.objects.visible_to(request.user).filter(actor__country=land)
    rows = rows.select_related("user", "actor__country").order_by("actor__name", "role", "user__name", "starts_on")
    today = timezone.localdate()
    past = [row for row in rows if row.ends_on and row.ends_on < today]
    context = {
        "country": land,
        "current": [
            PersonLine(row, can_invite_to(request.user, row.actor))
            for row in rows
            if row.ends_on is None or row.ends_on >= today
        ],
        "past": past,
        "today": today,
        "may_invite": bool(_invitable(request, land)),
        "may_coordinate": can_coordinate(request.user, land),
    }
    return render(request, "actors/people.html", context)


@form_page
@answers_once
def membership_create(request: HttpRequest, country: str) -> HttpResponse:
    """Give a person a role in an organisation, and invite them by mail."""
    land = _visible_country(request, country)
    actors = _invitable(request, land)
    if not actors:
        raise PermissionDenied
    wanted = next((actor.pk for actor in actors if actor.key == request.GET.get("actor")), None)
    initial = {"actor": wanted, "role": request.GET.get("role", "")}
    form = MembershipForm(request.POST or None, actors=actors, initial=initial)

    def write() -> str:
        invite(
            **{name: form.cleaned_data[name] for name in ("email", "name", "actor", "role", "starts_on")},
            by=request.user,
            tell=partial(send_invitation, request),
        )
        # The same words whether the person had an account or not.
        messages.success(request, _("The role is given, and the person is told by e-mail how to sign in."))
        return next_address(request, _people_address(land))

    return answer_form(
        request,
        form,
        write=write,
        context={
            **_frame(request, land, _("Add a person")),
            "lead": _("They get an e-mail with a link. What they may do follows from the role."),
            "submit_label": _("Invite"),
        },
    )


@form_page
@answers_once
def membership_end(request: HttpRequest, country: str, pk: int) -> HttpResponse:
    """End a person's role in an organisation: now, or after a last day."""
    land = _visible_country(request, country)
    seen = Membership.objects.visible_to(request.user).filter(actor__country=land)
    membership = get_object_or_404(seen.select_related("user", "actor__country"), pk=pk)
    if not can_invite_to(request.user, membership.actor):
        raise PermissionDenied
    if membership.ends_on and membership.ends_on < timezone.localdate():
        messages.info(request, _("This role has ended already."))
        return redirect(_people_address(land))
    form = MembershipEndForm(request.POST or None, instance=membership)

    def write() -> str:
        # The form has put its day into the row that it was given; the action decides which day is stored.
        stored = seen.select_related("actor__country").get(pk=pk)
        version = form.cleaned_data["version"]
        end_membership(membership=stored, version=version, last_day=form.last_day, by=request.user)
        messages.success(request, _("The end of the role is noted. What the person wrote stays with the organisation."))
        is_own = stored.user_id == request.user.pk
        return reverse("nap:my-work") if is_own else next_address(request, _people_address(land))

    context = {**_frame(request, land, _("End a role")), "membership": membership}
    return answer_form(request, form, write=write, template="actors/membership_end.html", context=context)


@form_page
@answers_once
def actor_create(request: HttpRequest, country: str) -> HttpResponse:
    """Add an organisation to the country's actors; `?stands_for=` names the actor of the model whose part it plays."""
    land = _visible_country(request, country)
    if not can_coordinate(request.user, land):
        raise PermissionDenied
    generic = Actor.objects.generic().filter(key=request.GET.get("stands_for", "")).first()
    initial = {"stands_for": [generic.pk], "kind": generic.kind} if generic else {}
    actor = Actor(country=land)
    form = ActorForm(request.POST or None, instance=actor, initial=initial)
    context = _frame(request, land, _("Add an organisation"))
    return _answer_actor(request, land, form, context)


@form_page
@answers_once
def actor_edit(request: HttpRequest, country: str, key: str) -> HttpResponse:
    """Change an organisation's name, place and end; its kind is fixed."""
    land = _visible_country(request, country)
    actor = get_object_or_404(Actor.objects.filter(country=land).select_related("country"), key=key)
    if not can_coordinate(request.user, land):
        raise PermissionDenied
    form = ActorEditForm(request.POST or None, instance=actor)
    context = _frame(request, land, _("Edit an organisation")) | {"kind": actor.get_kind_display()}
    return _answer_actor(request, land, form, context)


def _answer_actor(request: HttpRequest, land: Country, form: ActorForm, context: dict) -> HttpResponse:
    def write() -> str:
        data = form.cleaned_data
        save_actor(actor=form.instance, version=data["version"], stands_for=data["stands_for"], by=request.user)
        messages.success(request, _("The organisation is saved."))
        return next_address(request, _people_address(land))

    return answer_form(request, form, write=write, template="actors/actor_edit.html", context=context)


@form_page
@answers_once
def stand_in(request: HttpRequest, country: str, key: str) -> HttpResponse:
    """Which of the country's actors plays the part of an actor that the model names."""
    land = _visible_country(request, country)
    generic = get_object_or_404(Actor.objects.generic(), key=key)
    if not can_coordinate(request.user, land):
        raise PermissionDenied
    form = StandInForm(request.POST or None, country=land, generic=generic)

    def write() -> str:
        let_stand_for(actor=form.cleaned_data["actor"], generic=generic, by=request.user)
        messages.success(request, _("It is noted which organisation plays this part."))
        return next_address(request, _people_address(land))

    create = reverse("actors:actor-create", kwargs={"country": land.slug})
    query = {"stands_for": generic.key, "next": next_address(request, "")}
    context = {
        **_frame(request, land, _("Who plays this part")),
        "generic": generic,
        "players": generic.stood_for_by.filter(country=land),
        "create_url": f"{create}?{urlencode({name: value for name, value in query.items() if value})}",
    }
    return answer_form(request, form, write=write, template="actors/stand_in.html", context=context)


def _visible_country(request: HttpRequest, code: str) -> Country:
    """The country at this address, for its own people and the platform's administrators; 404 for everybody else."""
    country = get_object_or_404(Country, code=code.upper())
    if not can_open_country(request.user, country) and not is_platform_administrator(request.user):
        raise Http404
    return country


def _invitable(request: HttpRequest, country: Country) -> list[Actor]:
    """The organisations of `country` in which the person makes memberships."""
    actors = Actor.objects.filter(country=country).current().adult().select_related("country")
    return [actor for actor in actors if can_invite_to(request.user, actor)]


def _people_address(country: Country) -> str:
    return reverse("actors:people", kwargs={"country": country.slug})


def _frame(request: HttpRequest, country: Country, title: str) -> dict:
    """What the frame of a form page needs."""
    back = next_address(request, _people_address(country))
    crumbs = [(_("People and organisations"), _people_address(country)), (title, "")]
    return {"country": country, "title": title, "cancel_url": back, "breadcrumbs": crumbs}

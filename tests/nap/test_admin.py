"""The administration site: who may open it, what it holds, and what comes in and goes out through it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Actor, Country, Membership, User
from objectives.models import Plan
from tests.factories import (
    make_activity,
    make_area,
    make_generic_actor,
    make_indicator,
    make_membership,
    make_model_plan,
    make_objective,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(client: Client, platform_administrator: User, login) -> Client:
    return login(client, platform_administrator)


@pytest.fixture
def model_plan(db) -> Plan:
    plan = make_model_plan(edition="pattern")
    objective = make_objective(plan, key="po1", area=make_area(plan), title="=SUM(A1)")
    indicator = make_indicator(objective, "scale", key="pi1", reporting_actor=None)
    indicator.activities.add(make_activity(objective, key="pa1"))
    objective.probable_actors.create(key="pp1", text="Police").actors.add(make_generic_actor())
    plan.terms.create(key="pt1", abbreviation="SEC", meaning="sexual exploitation")
    plan.wordings.create(key="pw1", quoted="child prostitute", todays_term="exploited child")
    return plan


# --- Who ----------------------------------------------------------------------------------------------------------


def test_anonymous_people_sign_in_on_the_sites_own_page(client):
    expected = f"{reverse('account_login')}?next=/admin/"
    assert client.get("/admin/", follow=True).redirect_chain[-1] == (expected, 302)
    assert client.get("/admin/login/").headers["Location"] == expected
    # Django's own form, which counts no attempts, takes nothing
    sent = client.post("/admin/login/", {"username": "platform@example.org", "password": "x"})
    assert sent.headers["Location"] == expected


def test_sign_in_never_leads_to_another_site(site):
    assert site.get("/admin/login/?next=https://example.com/").headers["Location"] == "/admin/"
    assert site.get("/admin/login/?next=/admin/actors/").headers["Location"] == "/admin/actors/"


@pytest.mark.parametrize("role", ["coordinator", "verifier", "focal_point", "analyst", "viewer"])
def test_no_role_opens_the_site(client, login, request, role):
    login(client, request.getfixturevalue(role))
    assert client.get("/admin/", follow=True).status_code == 403
    assert client.get(reverse("admin:actors_user_changelist"), follow=True).status_code == 403


def test_being_staff_is_not_enough(client, login):
    login(client, make_user(is_staff=True))
    assert client.get("/admin/", follow=True).status_code == 403
    assert client.post(reverse("admin:actors_country_add"), {"code": "XZ", "name": "Z"}, follow=True).status_code == 403
    assert not Country.objects.exists()


def test_passwords_are_changed_on_the_sites_own_page(site):
    assert site.get("/admin/password_change/").headers["Location"] == reverse("account_change_password")


# --- What it holds ------------------------------------------------------------------------------------------------


def test_it_holds_countries_people_actors_and_the_model():
    assert {model._meta.label for model in admin.site._registry} == {
        "actors.Country",
        "actors.Actor",
        "actors.User",
        "actors.Membership",
        "objectives.Plan",
        "objectives.Area",
        "objectives.Objective",
        "objectives.Activity",
        "objectives.ProbableActor",
        "objectives.Term",
        "objectives.Wording",
        "indicators.Indicator",
        "indicators.Scale",
        "indicators.ScaleStep",
    }


MODEL_PAGES = [model._meta for model in admin.site._registry if model._meta.app_label in ("objectives", "indicators")]


@pytest.mark.parametrize("opts", MODEL_PAGES, ids=lambda opts: opts.model_name)
def test_the_model_is_looked_at_and_not_touched(site, model_plan, plan, opts):
    row = next(row for row in opts.model._default_manager.all() if row.natural_key()[0] is None)
    names = f"admin:{opts.app_label}_{opts.model_name}"
    change = reverse(f"{names}_change", args=[row.pk])
    before = opts.model._default_manager.filter(pk=row.pk).values().get()
    assert site.get(reverse(f"{names}_changelist")).status_code == 200
    assert site.get(change).status_code == 200
    assert site.get(reverse(f"{names}_history", args=[row.pk])).status_code == 200
    assert site.post(change, {"title": "Ours"}).status_code == 403
    assert site.post(reverse(f"{names}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert site.get(reverse(f"{names}_add")).status_code == 403
    assert opts.model._default_manager.filter(pk=row.pk).values().get() == before
    history = reverse(f"{names}_simple_history", args=[row.pk, row.history.first().pk])
    assert (site.get(history).status_code, site.post(history, {}).status_code) == (200, 403)


def test_a_countrys_plan_is_not_there(site, plan):
    objective = make_objective(plan)
    assert site.get(reverse("admin:objectives_plan_change", args=[plan.pk])).status_code == 302
    assert site.get(reverse("admin:objectives_objective_change", args=[objective.pk])).status_code == 302
    assert plan.title not in site.get(reverse("admin:objectives_plan_changelist")).content.decode()


def test_an_actor_of_the_model_is_not_touched(site):
    actor = make_generic_actor()
    url = reverse("admin:actors_actor_change", args=[actor.pk])
    assert site.post(url, {"name": "Ours"}).status_code == 403
    assert site.post(reverse("admin:actors_actor_delete", args=[actor.pk]), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", ["actor", "membership", "user"])
def test_a_list_makes_the_same_queries_however_long_it_is(site, ministry, name):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            site.get(reverse(f"admin:actors_{name}_changelist"))
        return len(captured)

    make_membership(make_user(), ministry)
    queries()  # the first request reads what is cached afterwards
    few = queries()
    for _number in range(5):
        make_membership(make_user(), ministry)
    assert queries() == few


# --- Writing ------------------------------------------------------------------------------------------------------


def test_a_country_is_made_and_changed_with_its_history(site, platform_administrator):
    site.post(reverse("admin:actors_country_add"), {"code": "XZ", "name": "Zedland", "languages": "en, fr"})
    country = Country.objects.get()
    assert (country.name, country.languages, country.version) == ("Zedland", ["en", "fr"], 1)
    url = reverse("admin:actors_country_change", args=[country.pk])
    site.post(url, {"name": "Zed", "languages": "en", "opened_at": 1, "code": "YY"})
    country.refresh_from_db()
    assert (country.code, country.name, country.version) == ("XZ", "Zed", 2)
    assert [row.history_user for row in country.history.all()] == [platform_administrator] * 2


def test_an_edit_on_an_old_page_is_refused(site, country):
    Country.objects.filter(pk=country.pk).update(version=2, name="Changed meanwhile")
    url = reverse("admin:actors_country_change", args=[country.pk])
    answer = site.post(url, {"name": "Mine", "languages": "", "opened_at": 1})
    assert "Somebody else has saved this row since you opened it." in answer.content.decode()
    country.refresh_from_db()
    assert country.name == "Changed meanwhile"


def test_an_actor_needs_a_country_and_passes_its_validators(site, country, other_country):
    theirs = Actor.objects.create(country=other_country, kind="ministry", name="Theirs", key="theirs")
    url = reverse("admin:actors_actor_add")
    site.post(url, {"kind": "ngo", "name": "Nowhere"})
    site.post(url, {"kind": "ngo", "name": "Part of theirs", "country": country.pk, "parent": theirs.pk})
    assert Actor.objects.filter(kind="ngo").count() == 0
    site.post(url, {"kind": "ngo", "name": "Ours", "country": country.pk})
    actor = Actor.objects.get(kind="ngo")
    change = reverse("admin:actors_actor_change", args=[actor.pk])
    site.post(change, {"name": "Ours too", "kind": "police", "key": "stolen", "opened_at": 1})
    actor.refresh_from_db()
    assert (actor.name, actor.kind, len(actor.key)) == ("Ours too", "ngo", 8)


def test_a_person_is_made_without_a_password_and_sets_one_by_mail(site, client):
    url = reverse("admin:actors_user_add")
    assert 'name="password' not in site.get(url).content.decode()
    site.post(url, {"email": "New@Example.org", "name": "Nora New", "language": "en-gb", "is_active": "on"})
    person = User.objects.get(email="new@example.org")
    assert not person.has_usable_password()
    assert not person.is_staff
    Client().post(reverse("account_reset_password"), {"email": "new@example.org"})
    assert [message.to for message in mail.outbox] == [["new@example.org"]]


def test_a_persons_page_shows_no_hash(site, focal_point):
    focal_point.set_password("a long enough pass phrase")
    focal_point.save()
    page = site.get(reverse("admin:actors_user_change", args=[focal_point.pk])).content.decode()
    assert focal_point.password not in page
    assert site.get(f"/admin/actors/user/{focal_point.pk}/password/").status_code in (302, 404)
    assert site.post(reverse("admin:actors_user_delete", args=[focal_point.pk]), {"post": "yes"}).status_code == 403


def test_a_membership_that_does_not_fit_is_refused(site, ministry, ngo):
    person = make_user()
    url = reverse("admin:actors_membership_add")
    fields = {"user": person.pk, "starts_on": "2026-01-01"}
    site.post(url, fields | {"actor": ministry.pk, "role": "analyst"})
    site.post(url, fields | {"actor": ngo.pk, "role": "verifier"})
    assert not person.memberships.exists()
    site.post(url, fields | {"actor": ngo.pk, "role": "analyst"})
    membership = person.memberships.get()
    change = reverse("admin:actors_membership_change", args=[membership.pk])
    site.post(change, {"starts_on": "2026-01-01", "ends_on": "2026-06-30", "opened_at": 1, "role": "viewer"})
    membership.refresh_from_db()
    assert (membership.role, membership.ends_on.isoformat()) == ("analyst", "2026-06-30")
    delete = reverse("admin:actors_membership_delete", args=[membership.pk])
    assert site.post(delete, {"post": "yes"}).status_code == 403


# --- Files --------------------------------------------------------------------------------------------------------

CSV, JSON = "0", "1"


def upload(site: Client, name: str, text: str, kind: str = CSV) -> tuple[int, str]:
    """Sends a file to the trial, and confirms it where it is fine. The status and the page."""
    file = SimpleUploadedFile("rows.txt", text.encode())
    url = reverse(f"admin:actors_{name}_import")
    answer = site.post(url, {"import_file": file, "format": kind, "resource": "0"})
    confirm = answer.context and answer.context.get("confirm_form")
    if confirm:
        answer = site.post(reverse(f"admin:actors_{name}_process_import"), confirm.initial, follow=True)
    return answer.status_code, answer.content.decode()


def test_people_and_memberships_come_in_from_files(site, ministry, platform_administrator):
    upload(site, "user", "email,name,language,is_active\nA@example.org,Ana,en-gb,yes\nb@example.org,Ben,en-gb,no\n")
    ana = User.objects.get(email="a@example.org")
    assert (ana.name, ana.is_active, ana.has_usable_password(), ana.is_superuser) == ("Ana", True, False, False)
    rows = [
        {"user": "a@example.org", "actor": "XA/mosa", "role": "focal_point", "starts_on": "2026-01-01", "ends_on": ""}
    ]
    upload(site, "membership", json.dumps(rows), JSON)
    membership = Membership.objects.get()
    assert (membership.user, membership.actor) == (ana, ministry)
    [record] = membership.history.all()
    assert (record.history_user, record.history_change_reason) == (
        platform_administrator,
        "Imported in the administration site",
    )
    _status, page = upload(site, "membership", json.dumps(rows), JSON)
    assert "0 new, 0 updated, 0 deleted and 1 skipped" in page


def test_one_bad_row_keeps_all_out_and_is_named(site, country):
    rows = "country,key,kind,name\nXA,good,ngo,Good\nXA,bad,ngoo,Bad\nXB,worse,ngo,Worse\n"
    _status, page = upload(site, "actor", rows)
    assert not Actor.objects.exists()
    cells = re.findall(r"<tr><td>(\d+)</td><td>(\w*)</td><td>(.*?)</td></tr>", page)
    assert [cell[:2] for cell in cells] == [("2", "kind"), ("3", "country")]
    assert cells[0][2].startswith("found “ngoo”, expected one of: ministry, ")
    assert cells[1][2] == "found “XB”, expected the key of country that exists"


def test_what_fails_after_the_trial_keeps_all_out(site, country):
    rows = "country,key,kind,name\nXA,one,ngo,One\nXA,two,ngo,Two\n"
    answer = site.post(
        reverse("admin:actors_actor_import"),
        {"import_file": SimpleUploadedFile("a.csv", rows.encode()), "format": CSV, "resource": "0"},
    )
    assert not Actor.objects.exists()
    Actor.objects.create(country=country, kind="ngo", name="Two", key="another")
    confirm = answer.context["confirm_form"].initial
    answer = site.post(reverse("admin:actors_actor_process_import"), confirm, follow=True)
    assert "nothing was imported" in answer.content.decode()
    assert [actor.key for actor in Actor.objects.all()] == ["another"]


def test_a_file_that_names_no_key_is_refused_without_a_traceback(site, country):
    status, page = upload(site, "actor", "kind,name\nngo,Good\n")
    assert (status, Actor.objects.count()) == (200, 0)
    assert "country" in page
    assert "Traceback" not in page


@pytest.mark.parametrize(
    ("text", "kind"), [("{", JSON), ("[[[", JSON), ("[" * 100_000, JSON), ("", CSV), ("\x00", CSV)]
)
def test_a_broken_file_is_refused(site, text, kind):
    status, _page = upload(site, "country", text, kind)
    assert (status, Country.objects.count()) == (200, 0)


def test_workbooks_and_big_files_are_refused(site):
    page = site.get(reverse("admin:actors_user_import"))
    assert [name for _number, name in page.context["form"].fields["format"].choices] == ["---", "csv", "json"]
    _status, text = upload(site, "user", "email,name\n" + "x" * (2 * 1024 * 1024))
    assert "The most that can be imported here is" in text


def test_what_goes_out_holds_no_formula_and_comes_in_again(site, country):
    Actor.objects.create(country=country, kind="ngo", name='=HYPERLINK("http://x"|1)', acronym="-2+3", key="ngo")
    answer = site.post(reverse("admin:actors_actor_export"), {"format": CSV, "resource": "0"})
    text = answer.content.decode("utf-8-sig")
    assert text.splitlines()[1] == 'XA,ngo,ngo,"\'=HYPERLINK(""http://x""\\|1)",\'-2+3,,,,'
    _status, page = upload(site, "actor", text)
    assert "0 new, 0 updated, 0 deleted and 1 skipped" in page


def test_the_model_goes_out_in_few_queries(site, model_plan):
    def export() -> tuple[list[dict], int]:
        with CaptureQueriesContext(connection) as captured:
            answer = site.post(reverse("admin:indicators_indicator_export"), {"format": JSON, "resource": "0"})
        return json.loads(answer.content.decode("utf-8-sig")), len(captured)

    [row], _queries = export()  # the first request reads what is cached afterwards
    assert (row["objective"], row["key"], row["activities"]) == ("model/pattern/po1", "pi1", "model/pattern/pa1")
    _rows, few = export()
    for _number in range(4):
        indicator = make_indicator(model_plan.objectives.get(), "scale", reporting_actor=None)
        indicator.activities.set(indicator.objective.activities.all())
    rows, queries = export()
    assert (len(rows), queries) == (5, few)


# --- The policy ---------------------------------------------------------------------------------------------------


class Inline(HTMLParser):
    """Collects what the content security policy would block: scripts and styles in the page's own text."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        is_data = given.get("type") == "application/json" or "data-popup-response" in given
        is_code = tag == "style" or (tag == "script" and "src" not in given and not is_data)
        if (is_code and "nonce" not in given and "id" not in given) or any(
            name == "style" or name.startswith("on") for name in given
        ):
            self.found.append(self.get_starttag_text() or tag)


@pytest.mark.parametrize("opts", [model._meta for model in admin.site._registry], ids=lambda opts: opts.model_name)
def test_no_page_has_scripts_or_styles_in_its_text(site, model_plan, focal_point, opts):
    names = f"admin:{opts.app_label}_{opts.model_name}"
    row = next((row for row in opts.model._default_manager.all() if row.natural_key()[0] is None), None)
    row = row or opts.model._default_manager.first()
    urls = [reverse("admin:index"), *(reverse(f"{names}_{page}") for page in ("changelist", "export"))]
    urls += [reverse(f"{names}_{page}", args=[row.pk]) for page in ("change", "history")]
    if opts.app_label == "actors":
        urls += [reverse(f"{names}_{page}") for page in ("add", "import")]
    found = {}
    for url in urls:
        answer = site.get(url)
        assert answer.status_code == 200, url
        assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"]
        page = Inline()
        page.feed(answer.content.decode())
        found[url] = page.found
    assert found == {url: [] for url in urls}

"""Editing and adding indicators: fields that fit the kind, targets, reasons, and what is fixed once reported."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from indicators.actions import save_indicator
from indicators.models import Indicator, Target
from tests.factories import (
    make_actor,
    make_generic_actor,
    make_indicator,
    make_objective,
    make_periods,
    make_report,
    make_scale,
    make_target,
)


@pytest.fixture
def objective(plan):
    return make_objective(plan, code="2")


@pytest.fixture
def indicator(objective, ministry):
    return make_indicator(objective, title="Officers trained", reporting_actor=ministry, unit="officers")


def address(row, name="indicator-edit", plan=None):
    plan = plan or row.owning_plan
    where = {"country": plan.country.slug, "edition": plan.edition, "key": row.key}
    return reverse(f"indicators:{name}", kwargs=where)


def target_rows(*rows, initial=0):
    """What the rows of targets send: (pk, day, value or step[, whether to remove it]) each, then three empty ones."""
    sent = {"targets-TOTAL_FORMS": len(rows) + 3, "targets-INITIAL_FORMS": initial}
    for place, (pk, due_on, amount, *remove) in enumerate(rows):
        sent |= {f"targets-{place}-pk": pk, f"targets-{place}-due_on": due_on}
        sent |= {f"targets-{place}-value": amount, f"targets-{place}-step": amount}
        if remove:
            sent[f"targets-{place}-DELETE"] = "on"
    return sent


def filled(indicator, **fields):
    sent = {
        "form_token": str(uuid.uuid4()),
        "version": indicator.version,
        "kind": indicator.kind,
        "scale": indicator.scale_id or "",
        "code": indicator.code,
        "title": indicator.title,
        "measured_as": "Officers who passed the test",
        "level": "process",
        "unit": "officers",
        "direction": "increase",
        "accumulation": "running_total",
        "minimum_change": "5",
        "baseline_value": "12.5",
        "baseline_on": "2024-06-30",
        "means_of_verification": "The register of the academy",
        "data_source": "Academy",
        "frequency": "yearly",
        "reporting_actor": indicator.reporting_actor_id or "",
        "weight": "1",
        **target_rows(),
    }
    return sent | fields


def targets(indicator):
    return [(one.due_on, one.value, one.step and one.step.label) for one in indicator.targets.order_by("due_on")]


# --- what it stores -----------------------------------------------------------------------------------------------


def test_indicator_edit_stores_how_it_is_measured(client, login, coordinator, indicator, police):
    login(client, coordinator)
    sent = filled(indicator, reporting_actor=police.pk, is_sensitive="on", counts_children="on")
    response = client.post(address(indicator), sent | target_rows(("", "2026-12-31", "100"), ("", "2029-06-30", "200")))
    indicator.refresh_from_db()
    assert (response.status_code, response.url) == (302, address(indicator, "indicator"))
    assert (
        indicator.measured_as,
        indicator.accumulation,
        indicator.minimum_change,
        indicator.baseline_value,
        indicator.baseline_on,
        indicator.means_of_verification,
        indicator.frequency,
        indicator.reporting_actor,
        (indicator.is_headline, indicator.is_sensitive, indicator.counts_children),
        indicator.version,
    ) == (
        "Officers who passed the test",
        "running_total",
        Decimal(5),
        Decimal("12.5"),
        date(2024, 6, 30),
        "The register of the academy",
        "yearly",
        police,
        (False, True, True),
        2,
    )
    assert targets(indicator) == [(date(2026, 12, 31), Decimal(100), None), (date(2029, 6, 30), Decimal(200), None)]
    assert {row.history.first().history_user for row in (indicator, *indicator.targets.all())} == {coordinator}


def test_indicator_edit_of_a_scale_has_steps_and_no_values(client, login, coordinator, objective):
    indicator = make_indicator(objective, "scale")
    first, last = indicator.scale.steps.first(), indicator.scale.steps.last()
    login(client, coordinator)
    fields = client.get(address(indicator)).context["form"].fields
    assert not {"baseline_value", "unit", "low", "accumulation", "starts_from_zero"} & set(fields)
    sent = filled(indicator, level="structural", baseline_step=first.pk, baseline_value="7")
    client.post(address(indicator), sent | target_rows(("", "2027-06-30", last.pk)))
    indicator.refresh_from_db()
    assert (indicator.version, indicator.baseline_step, indicator.baseline_value) == (2, first, None)
    assert targets(indicator) == [(date(2027, 6, 30), None, last.label)]


def test_indicator_edit_of_yes_or_no(client, login, coordinator, objective):
    indicator = make_indicator(objective, "yes_no")
    login(client, coordinator)
    client.post(address(indicator), filled(indicator, baseline_value="0") | target_rows(("", "2027-06-30", "1")))
    indicator.refresh_from_db()
    assert (indicator.version, indicator.baseline_value, targets(indicator)) == (
        2,
        Decimal(0),
        [(date(2027, 6, 30), Decimal(1), None)],
    )
    page = client.get(address(indicator)).content.decode()
    assert '<option value="0" selected>No</option>' in page


def test_indicator_edit_changes_adds_and_removes_targets_with_a_reason(client, login, coordinator, indicator):
    kept = make_target(indicator, 50, due_on=date(2025, 12, 31))
    moved = make_target(indicator, 80, due_on=date(2026, 12, 31))
    gone = make_target(indicator, 90, due_on=date(2027, 12, 31))
    rows = target_rows(
        (kept.pk, "2025-12-31", "50"),
        (moved.pk, "2026-12-31", "85"),
        (gone.pk, "2027-12-31", "90", True),
        ("", "2028-12-31", "120"),
        initial=3,
    )
    login(client, coordinator)
    refused = client.post(address(indicator), filled(indicator) | rows)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["change_reason"])
    assert [value for _day, value, _step in targets(indicator)] == [50, 80, 90]
    client.post(address(indicator), filled(indicator, change_reason="The academy closed.") | rows)
    assert [(day.year, value) for day, value, _step in targets(indicator)] == [(2025, 50), (2026, 85), (2028, 120)]
    assert (kept.history.count(), moved.history.first().history_change_reason) == (1, "The academy closed.")
    removal = Target.history.filter(history_type="-").get()
    assert (removal.id, removal.history_user, removal.history_change_reason) == (
        gone.pk,
        coordinator,
        "The academy closed.",
    )


def test_indicator_edit_moves_a_target_of_a_draft_without_a_reason(client, login, coordinator, plan, indicator):
    plan.status = "draft"
    plan.save()
    target = make_target(indicator, 50, due_on=date(2025, 12, 31))
    login(client, coordinator)
    client.post(address(indicator), filled(indicator) | target_rows((target.pk, "2025-12-31", "60"), initial=1))
    assert targets(indicator) == [(date(2025, 12, 31), Decimal(60), None)]


def test_indicator_edit_asks_why_a_weight_is_changed(client, login, coordinator, indicator):
    login(client, coordinator)
    refused = client.post(address(indicator), filled(indicator, weight="2"))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["change_reason"])
    client.post(address(indicator), filled(indicator, weight="2", change_reason="It sums up the objective."))
    indicator.refresh_from_db()
    latest = indicator.history.first()
    assert (indicator.weight, latest.history_change_reason, latest.history_user) == (
        Decimal(2),
        "It sums up the objective.",
        coordinator,
    )


def test_indicator_edit_to_another_kind_takes_the_old_values_away(client, login, coordinator, plan, indicator):
    scale = make_scale(plan)
    target = make_target(indicator, 50, due_on=date(2026, 12, 31))
    login(client, coordinator)
    form = client.get(address(indicator), {"measure": scale.key}).context["form"]
    assert (form["kind"].value(), form["scale"].value(), form.targets[0].initial["step"]) == ("scale", scale.pk, None)
    step = scale.steps.last()
    sent = filled(indicator, kind="scale", scale=scale.pk, change_reason="Better said in steps.")
    client.post(address(indicator), sent | target_rows((target.pk, "2026-12-31", step.pk), initial=1))
    indicator.refresh_from_db()
    assert (indicator.kind, indicator.scale, indicator.baseline_value, indicator.accumulation) == (
        "scale",
        scale,
        None,
        "point",
    )
    assert targets(indicator) == [(date(2026, 12, 31), None, step.label)]


def test_indicator_edit_keeps_the_kind_once_it_is_reported(client, login, coordinator, plan, indicator):
    make_report(indicator, make_periods(plan)[0])
    login(client, coordinator)
    page = client.get(address(indicator), {"measure": "percentage"})
    assert (page.context["is_reported"], page.context["form"]["kind"].value()) == (True, "number")
    assert "?measure" not in page.content.decode()
    refused = client.post(address(indicator), filled(indicator, kind="percentage"))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["kind"])
    assert client.post(address(indicator), filled(indicator)).status_code == 302


@pytest.mark.parametrize("kind", ["number", "percentage", "yes_no", "scale"])
def test_indicator_edit_has_the_anchors_that_gaps_lead_to(client, login, coordinator, objective, kind):
    indicator = make_indicator(objective, kind)
    login(client, coordinator)
    page = client.get(address(indicator)).content.decode()
    baseline = "baseline_step" if kind == "scale" else "baseline_value"
    for anchor in (baseline, "targets-0-due_on", "means_of_verification", "reporting_actor"):
        assert f'id="id_{anchor}"' in page


def test_indicator_edit_goes_back_to_the_gap(client, login, coordinator, indicator):
    login(client, coordinator)
    assert client.post(address(indicator) + "?next=/xa/2024-2029/gaps/", filled(indicator)).url == "/xa/2024-2029/gaps/"


# --- what it refuses ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"title": ""}, ["title"]),
        ({"code": "2.9"}, ["code"]),
        ({"level": "magic"}, ["level"]),
        ({"kind": "magic"}, ["kind"]),
        ({"kind": "scale"}, ["scale"]),
        ({"kind": "scale", "scale": "foreign"}, ["scale"]),
        ({"direction": "maintain"}, ["low"]),
        ({"direction": "maintain", "low": "9", "high": "3"}, ["high"]),
        ({"baseline_value": "-1"}, ["baseline_value"]),
        ({"baseline_value": "many"}, ["baseline_value"]),
        ({"baseline_value": "1234567890123456"}, ["baseline_value"]),
        ({"starts_from_zero": "on"}, ["starts_from_zero"]),
        ({"no_baseline_reason": "Nobody counted."}, ["no_baseline_reason"]),
        ({"minimum_change": "-1"}, ["minimum_change"]),
        ({"weight": "0"}, ["weight"]),
        ({"reporting_actor": "foreign actor"}, ["reporting_actor"]),
        ({"reporting_actor": "generic"}, ["reporting_actor"]),
        ({"reporting_actor": "children"}, ["reporting_actor"]),
        ({"change_reason": "x" * 101}, ["change_reason"]),
    ],
)
def test_indicator_edit_with_a_fault_says_where_and_keeps_the_text(
    client, login, coordinator, country, other_country, other_plan, objective, indicator, fields, errors
):
    make_indicator(objective, code="2.9")
    others = {
        "foreign": lambda: make_scale(other_plan).pk,
        "foreign actor": lambda: make_actor(other_country).pk,
        "generic": lambda: make_generic_actor().pk,
        "children": lambda: make_actor(country, "children").pk,
    }
    sent = {name: others[value]() if value in others else value for name, value in fields.items()}
    login(client, coordinator)
    response = client.post(address(indicator), filled(indicator, data_source="مرحبا 🙂", **sent))
    assert (response.status_code, list(response.context["form"].errors)) == (422, errors)
    assert response.context["form"]["data_source"].value() == "مرحبا 🙂"
    assert Indicator.objects.get(pk=indicator.pk).version == 1


@pytest.mark.parametrize(
    ("rows", "errors"),
    [
        ([("", "2026-12-31", "")], [{"value": 1}]),
        ([("", "", "5")], [{"due_on": 1}]),
        ([("", "2026-12-31", "-5")], [{"value": 1}]),
        ([("", "2026-12-31", "many")], [{"value": 1}]),
        ([("", "2031-01-01", "5")], [{"due_on": 1}]),
        ([("", "2026-12-31", "5"), ("", "2026-12-31", "6")], [{}, {"due_on": 1}]),
    ],
)
def test_indicator_edit_with_a_fault_in_a_target_says_in_which(client, login, coordinator, indicator, rows, errors):
    login(client, coordinator)
    response = client.post(address(indicator), filled(indicator) | target_rows(*rows))
    found = [{name: len(faults) for name, faults in row.items()} for row in response.context["formset"].errors]
    assert (response.status_code, found[: len(rows)]) == (422, errors)
    assert "<title>Error:" in response.content.decode()
    assert f'href="#id_targets-{len(rows) - 1}-{next(iter(errors[-1]))}"' in response.content.decode()
    assert (indicator.targets.count(), Indicator.objects.get().version) == (0, 1)


def test_indicator_edit_of_one_changed_meanwhile_shows_both_texts(client, login, coordinator, indicator):
    target = make_target(indicator, 50, due_on=date(2026, 12, 31))
    sent = filled(indicator, data_source="Mine", change_reason="x")
    sent |= target_rows((target.pk, "2026-12-31", "70"), initial=1)
    theirs = Indicator.objects.get()
    theirs.data_source = "Theirs"
    target.value = Decimal(60)
    save_indicator(indicator=theirs, version=1, targets=[target], removed=[], by=coordinator, change_reason="Theirs.")
    login(client, coordinator)
    response = client.post(address(indicator), sent)
    assert response.status_code == 409
    differences = {label: (typed, stored) for label, typed, stored in response.context["differences"]}
    assert differences["Data source"] == ("Mine", "Theirs")
    assert differences["Targets"] == ("31 December 2026: 70", "31 December 2026: 60")
    again = response.context["form"]
    assert 'name="targets-0-due_on"' in response.content.decode()
    indicator.refresh_from_db()
    assert (again["version"].value(), indicator.data_source, targets(indicator)[0][1]) == ("2", "Theirs", 60)
    assert client.post(address(indicator), again.data).status_code == 302
    indicator.refresh_from_db()
    assert (indicator.data_source, targets(indicator)) == ("Mine", [(date(2026, 12, 31), Decimal(70), None)])


def test_indicator_edit_after_a_target_was_removed_meanwhile_is_a_conflict(client, login, coordinator, indicator):
    target = make_target(indicator, 50, due_on=date(2026, 12, 31))
    sent = filled(indicator, change_reason="x") | target_rows((target.pk, "2026-12-31", "70"), initial=1)
    save_indicator(
        indicator=Indicator.objects.get(), version=1, targets=[], removed=[target], by=coordinator, change_reason="y"
    )
    login(client, coordinator)
    response = client.post(address(indicator), sent)
    assert response.status_code == 409
    assert client.post(address(indicator), response.context["form"].data).status_code == 302
    assert targets(indicator) == [(date(2026, 12, 31), Decimal(70), None)]


def test_indicator_edit_leaves_the_targets_of_others_alone(client, login, coordinator, objective, indicator):
    foreign = make_target(make_indicator(objective), 50, due_on=date(2026, 12, 31))
    login(client, coordinator)
    client.post(address(indicator), filled(indicator) | target_rows((foreign.pk, "2026-12-31", "1", True), initial=1))
    foreign.refresh_from_db()
    assert (foreign.value, targets(indicator)) == (Decimal(50), [])


def test_indicator_edit_sent_twice_gives_the_first_answer(client, login, coordinator, indicator):
    login(client, coordinator)
    sent = filled(indicator) | target_rows(("", "2026-12-31", "100"))
    answers = [client.post(address(indicator), sent) for _ in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, address(indicator, "indicator"))] * 2
    assert (Indicator.objects.get().version, indicator.targets.count()) == (2, 1)


# --- adding -------------------------------------------------------------------------------------------------------


def new(objective, **fields):
    blank = Indicator(objective=objective, code="2.1", title="Shelters open", kind="number", version=0)
    return filled(blank, **fields)


def test_indicator_create_adds_it_to_the_objective(client, login, coordinator, objective, ministry):
    login(client, coordinator)
    page = client.get(address(objective, "indicator-create"))
    assert (page.context["form"]["code"].value(), "change_reason" in page.context["form"].fields) == ("2.1", False)
    sent = new(objective, reporting_actor=ministry.pk) | target_rows(("", "2026-12-31", "3"))
    response = client.post(address(objective, "indicator-create"), sent)
    indicator = Indicator.objects.get()
    assert (response.status_code, response.url) == (302, address(indicator, "indicator"))
    assert (indicator.objective, indicator.code, indicator.order, indicator.title, indicator.reporting_actor) == (
        objective,
        "2.1",
        1,
        "Shelters open",
        ministry,
    )
    assert targets(indicator) == [(date(2026, 12, 31), Decimal(3), None)]
    assert (indicator.history.get().history_user, indicator.version) == (coordinator, 1)


def test_indicator_create_on_a_scale_of_the_plan(client, login, coordinator, plan, objective):
    scale = make_scale(plan)
    login(client, coordinator)
    page = client.get(address(objective, "indicator-create"), {"measure": scale.key})
    assert (page.context["measure"], page.context["form"]["scale"].value()) == (scale.key, scale.pk)
    sent = new(objective, kind="scale", scale=scale.pk, baseline_step=scale.steps.first().pk)
    client.post(address(objective, "indicator-create"), sent)
    indicator = Indicator.objects.get()
    assert (indicator.kind, indicator.scale, indicator.baseline_step) == ("scale", scale, scale.steps.first())


@pytest.mark.parametrize(("fields", "field"), [({"title": ""}, "title"), ({"code": "2.7"}, "code")])
def test_indicator_create_with_a_fault_keeps_the_text(client, login, coordinator, objective, fields, field):
    make_indicator(objective, code="2.7")
    login(client, coordinator)
    response = client.post(address(objective, "indicator-create"), new(objective, **fields))
    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert response.context["form"]["measured_as"].value() == "Officers who passed the test"
    assert Indicator.objects.count() == 1


def test_indicator_create_sent_twice_makes_one(client, login, coordinator, objective):
    login(client, coordinator)
    sent = new(objective)
    answers = [client.post(address(objective, "indicator-create"), sent) for _ in range(2)]
    assert answers[0].url == answers[1].url
    assert Indicator.objects.count() == 1


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["indicator-edit", "indicator-create"])
def page(request, objective, indicator):
    if request.param == "indicator-edit":
        return address(indicator), filled(indicator, title="Changed")
    return address(objective, "indicator-create"), new(objective, title="Changed", code="2.5")


@pytest.mark.parametrize(
    "person", ["stranger", "viewer", "focal_point", "verifier", "analyst", "platform_administrator"]
)
def test_editing_indicators_is_the_coordinators(client, login, request, page, person):
    login(client, request.getfixturevalue(person))
    assert (client.get(page[0]).status_code, client.post(*page).status_code) == (403, 403)
    assert not Indicator.objects.filter(title="Changed").exists()


def test_editing_indicators_of_a_closed_plan_is_refused(client, login, coordinator, plan, page):
    plan.status = "closed"
    plan.save()
    login(client, coordinator)
    assert client.post(*page).status_code == 403


def test_editing_indicators_of_a_private_plan_is_not_found_for_a_stranger(client, login, stranger, plan, page):
    plan.is_public = False
    plan.save()
    login(client, stranger)
    assert client.get(page[0]).status_code == 404


def test_editing_indicators_anonymous_and_wrong_method(client, login, coordinator, page):
    assert client.get(page[0]).url.split("?")[0] == reverse("account_login")
    assert client.post(*page).status_code == 403  # with what was typed, to be copied
    login(client, coordinator)
    assert client.put(page[0]).status_code == 405


def test_editing_another_countrys_indicator_is_not_found(client, login, coordinator, plan, other_plan):
    foreign = make_indicator(make_objective(other_plan))
    login(client, coordinator)
    assert client.get(address(foreign, plan=plan)).status_code == 404
    assert client.get(address(foreign.objective, "indicator-create", plan=plan)).status_code == 404


def test_save_indicator_asks_who_acts(indicator, focal_point):
    with pytest.raises(PermissionDenied):
        save_indicator(indicator=indicator, version=1, targets=[], removed=[], by=focal_point)


def test_kind_of_an_indicator_is_fixed_by_its_first_report(plan, ministry):
    indicator = make_indicator(make_objective(plan), reporting_actor=ministry)
    indicator.kind = "percentage"
    indicator.clean()
    make_report(indicator, make_periods(plan)[0])
    with pytest.raises(ValidationError) as refusal:
        indicator.clean()
    assert list(refusal.value.error_dict) == ["kind"]


def test_reporting_actor_stays_while_its_report_is_on_its_way(plan, ministry, police):
    indicator = make_indicator(make_objective(plan), reporting_actor=ministry)
    make_report(indicator, make_periods(plan)[0], state="draft")
    indicator.clean()
    indicator.reporting_actor = police
    with pytest.raises(ValidationError) as refusal:
        indicator.clean()
    assert list(refusal.value.error_dict) == ["reporting_actor"]

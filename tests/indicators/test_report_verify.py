"""Verifying and returning: two people, from organisations that do not answer for each other."""

from __future__ import annotations

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from indicators.actions import verify_report
from tests.factories import (
    make_activity,
    make_activity_report,
    make_actor,
    make_indicator,
    make_membership,
    make_objective,
    make_periods,
    make_person,
    make_report,
)


@pytest.fixture
def report(plan, ministry):
    indicator = make_indicator(make_objective(plan), reporting_actor=ministry)
    return make_report(indicator, make_periods(plan)[0], state="submitted")


def address(report, name="report-verify"):
    plan = report.plan
    return reverse(
        f"indicators:{name}", kwargs={"country": plan.country.slug, "edition": plan.edition, "pk": report.pk}
    )


def decided(**fields):
    sent = {"form_token": str(uuid.uuid4()), "version": "1", "decision": "verify"}
    return sent | {"verification_method": "document", "data_quality": "B"} | fields


def test_report_verify_anonymous_is_sent_to_sign_in(client, report):
    assert client.get(address(report)).status_code == 302


@pytest.mark.parametrize("person", ["focal_point", "coordinator", "police_focal_point", "platform_administrator"])
def test_report_verify_by_anybody_but_a_verifier_is_refused(client, login, request, report, person):
    login(client, request.getfixturevalue(person))
    response = client.post(address(report), decided())
    report.refresh_from_db()
    assert (response.status_code in (403, 404), report.state) == (True, "submitted")


@pytest.mark.parametrize("person", ["stranger", "other_verifier", "viewer", "analyst"])
def test_report_verify_does_not_exist_for_those_who_cannot_read_it(client, login, request, report, person):
    report.submitted_at = report.submitted_at.replace(year=2099)  # so that it is not provisional, and public, yet
    report.save()
    login(client, request.getfixturevalue(person))
    assert client.get(address(report)).status_code == 404


def test_report_verify_wrong_method_is_refused(client, login, verifier, report):
    login(client, verifier)
    assert client.delete(address(report)).status_code == 405


def test_report_verify_fixes_the_report(client, login, verifier, committee, report):
    login(client, verifier)
    assert client.post(address(report), decided()).status_code == 302
    report.refresh_from_db()
    assert (
        report.state,
        report.verified_by,
        report.verifier_actor,
        report.verification_method,
        report.data_quality,
    ) == (
        "verified",
        verifier,
        committee,
        "document",
        "B",
    )
    assert report.history.first().history_user == verifier


def test_report_verify_returns_with_a_reason(client, login, verifier, report):
    login(client, verifier)
    refused = client.post(address(report), decided(decision="return"))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["return_reason"])
    client.post(address(report), decided(decision="return", return_reason="Which register?"))
    report.refresh_from_db()
    assert (report.state, report.return_reason, report.verified_by, report.data_quality) == (
        "returned",
        "Which register?",
        None,
        "",
    )


def test_report_verify_without_method_or_quality_says_which(client, login, verifier, report):
    login(client, verifier)
    response = client.post(address(report), decided(verification_method="", data_quality=""))
    assert (response.status_code, list(response.context["form"].errors)) == (
        422,
        ["verification_method", "data_quality"],
    )


@pytest.mark.parametrize("relation", ["same", "above", "below"])
def test_report_verify_by_a_verifier_of_the_same_chain_is_refused(
    client, login, country, committee, ministry, report, relation
):
    verifier = make_person("verifier", committee)
    near = {
        "same": lambda: ministry,
        "above": lambda: _above(country, ministry),
        "below": lambda: make_actor(country, "government_agency", parent=ministry),
    }[relation]()
    make_membership(verifier, near, "viewer")
    login(client, verifier)
    assert client.post(address(report), decided()).status_code == 403


def _above(country, ministry):
    ministry.parent = make_actor(country, "ministry", name="Prime Minister's Office")
    ministry.save()
    return ministry.parent


def test_report_verify_by_a_sister_organisation_is_allowed(client, login, country, committee, ministry, report):
    above = _above(country, ministry)
    verifier = make_person("verifier", committee)
    make_membership(verifier, make_actor(country, "government_agency", parent=above), "viewer")
    login(client, verifier)
    assert client.post(address(report), decided()).status_code == 302


def test_report_verify_by_its_author_is_refused_although_they_changed_office(committee, report):
    author = report.author
    author.memberships.all().delete()
    make_membership(author, committee, "verifier")
    with pytest.raises(PermissionDenied):
        verify_report(report=report, version=1, method="document", data_quality="A", by=author)


def test_report_verify_of_what_changed_meanwhile_is_a_conflict(client, login, verifier, report):
    login(client, verifier)
    report.version = 3
    report.save()
    response = client.post(address(report), decided(version="1"))
    report.refresh_from_db()
    assert (response.status_code, report.state) == (409, "submitted")


def test_report_verify_of_what_was_decided_meanwhile_shows_it(client, login, verifier, committee, report):
    login(client, make_person("verifier", committee))
    client.post(address(report), decided())
    login(client, verifier)
    response = client.post(address(report), decided())
    assert (response.status_code, response.url) == (302, address(report, "report"))


def test_report_verify_sent_twice_gets_the_first_answer(client, login, verifier, report):
    login(client, verifier)
    sent = decided()
    first, second = client.post(address(report), sent), client.post(address(report), sent)
    assert (first.url, second.url) == (address(report, "report"), address(report, "report"))
    assert [row.state for row in report.history.all()] == ["verified", "submitted"]


def test_report_verify_goes_back_to_where_one_came_from_and_nowhere_else(client, login, verifier, report):
    login(client, verifier)
    response = client.post(address(report), decided(next="https://evil.example/"))
    assert response.url == address(report, "report")


def test_activity_report_verify_fixes_the_report(client, login, verifier, plan, ministry):
    activity = make_activity(make_objective(plan), lead=ministry)
    report = make_activity_report(activity, make_periods(plan)[0], state="submitted")
    login(client, verifier)
    assert client.post(address(report, "activity-report-verify"), decided()).status_code == 302
    report.refresh_from_db()
    assert (report.state, report.verified_by) == ("verified", verifier)
    assert client.get(address(report, "activity-report")).status_code == 200

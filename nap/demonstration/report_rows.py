"""The rows of what was reported: official reports, independent assessments, evidence, activity reports."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from nap.demonstration.fixture import Fixture, decimal, fraction
from nap.demonstration.plan_rows import period_ends, step_of
from nap.demonstration.story import COMMITTEE, COUNTRY, Row, Story, spread, working_day

RUNNING_PERIOD = date(2026, 12, 31)  # only drafts speak of it
TOLD_ON = date(2026, 11, 23)  # nothing in the story happens later


def add_reports(fixture: Fixture, story: Story, model: dict[str, dict[str, Row]]) -> None:
    ends = period_ends(story)
    for key, of_model in model["indicator"].items():
        given = story.indicators[key]
        for report in given.get("reports", []):
            _add_official(fixture, story, key, of_model, report, ends[report["p"] - 1])
        for view in given.get("views", []):
            _add_assessment(fixture, story, key, of_model, view, ends[view["p"] - 1])
    for key in story.activities:
        for report in story.activity_reports.get(key, []):
            _add_activity_report(fixture, story, key, report, ends[report["p"] - 1])


def _add_official(fixture: Fixture, story: Story, key: str, of_model: Row, report: Row, ends_on: date) -> None:
    given = story.indicators[key]
    actor, entered_by = str(given["actor"]), given.get("entered_by")
    life = _life(story, report, ends_on, actor, entered_by, salt=f"{key} {ends_on}")
    plan = [COUNTRY, story.edition]
    fixture.add(
        "indicators.progressreport",
        indicator=[*plan, key],
        period=[*plan, ends_on],
        period_end=ends_on,
        actor=[COUNTRY, actor],
        stream="official",
        data_state=report.get("is", "reported"),
        **_figure(of_model, report, plan),
        **_reference(of_model, report, ends_on),
        expected_on=report.get("expected"),
        narrative=report["text"],
        challenges=report.get("ch"),
        next_steps=report.get("nx"),
        **life,
        **_correction(report, [*plan, key, ends_on, "official", actor]),
    )
    kind, title = given.get("evidence", (None, None))
    if title and life["state"] != "draft" and spread(f"evidence {key} {ends_on}", 6):
        natural_key = [*plan, key, ends_on, "official", actor, report.get("revision", 1)]
        _add_evidence(fixture, story, natural_key, kind, f"{title}, {ends_on.year}", of_model)


def _figure(of_model: Row, report: Row, plan: list) -> Row:
    if "v" not in report:
        return {}
    if "scale" in of_model:
        return {"step": step_of(of_model, report["v"], plan)}
    part, whole = fraction(report["v"])
    return {"value": decimal(report["v"]), "numerator": part, "denominator": whole}


def _reference(of_model: Row, report: Row, ends_on: date) -> Row:
    """The time that the value speaks of, where it is not simply the end of the period."""
    if "ref" in report:
        since, until = report["ref"]
        return {"reference_from": since, "reference_to": until}
    if of_model["accumulation"] == "sum_per_year" and "v" in report:
        return {
            "reference_from": date(ends_on.year - 1, ends_on.month, 30) + timedelta(days=1),
            "reference_to": ends_on,
        }
    return {}


def _correction(report: Row, subject: list) -> Row:
    """What makes a report the second revision: which one it corrects, by the natural key but its last part, and why."""
    if "corrects" not in report:
        return {}
    return {"revision": 2, "supersedes": [*subject, 1], "correction_reason": report["corrects"]}


def _life(story: Story, report: Row, ends_on: date, actor: str, entered_by: object, *, salt: str) -> Row:
    """State, people and times: most write in the last weeks before the due date, the committee needs some weeks."""
    state = str(report.get("state", "verified"))
    days = 66 + spread(salt, 16) if report.get("late") else 17 + spread(salt, 40)
    written = report.get("submitted") or working_day(ends_on + timedelta(days=days))
    if "corrects" in report and "submitted" not in report:
        written = working_day(ends_on + timedelta(days=95 + spread(salt, 12)))
    if ends_on == RUNNING_PERIOD:
        written = working_day(date(2026, 11, 2) + timedelta(days=spread(salt, 14)))
    author = [story.author(str(entered_by or actor), "focal_point", written)]
    created = _at(written - timedelta(days=3 + spread(salt, 9)), salt)
    life: Row = {
        "entered_by": [COUNTRY, entered_by] if entered_by else None,
        "state": state,
        "author": author,
        "version": 1,
        "created_at": created,
        "updated_at": _at(written, salt),
    }
    if state == "draft":
        return life
    life |= {"version": 2, "submitted_by": author, "submitted_at": _at(written, salt)}
    seen = _at(min(working_day(written + timedelta(days=9 + spread(f"{salt} seen", 26))), TOLD_ON), f"{salt} seen")
    if state == "returned":
        life |= {"version": 3, "return_reason": report["reason"], "returned_at": seen, "updated_at": seen}
    if state == "verified":
        verifier = story.verifier({actor, str(entered_by or actor)}, salt)
        life |= {
            "version": 3,
            "verified_by": [verifier],
            "verifier_actor": [COUNTRY, COMMITTEE],
            "verified_at": seen,
            "updated_at": seen,
            "verification_method": report.get("method", "document"),
            "data_quality": report.get("quality", "BBABC"[spread(salt, 5)]),
        }
    return life


def _add_assessment(fixture: Fixture, story: Story, key: str, of_model: Row, view: Row, ends_on: date) -> None:
    actor = str(view["by"])
    salt = f"{key} {ends_on} {actor} {view.get('revision', 1)}"
    published = working_day(ends_on + timedelta(days=75 + spread(salt, 40)))
    if "corrects" in view:
        published = working_day(ends_on + timedelta(days=128))
    state = str(view.get("state", "published"))
    plan = [COUNTRY, story.edition]
    times: Row = {"version": 1, "updated_at": _at(published, salt)}
    if state != "draft":
        times |= {"version": 2, "published_at": _at(published, salt)}
    if state == "withdrawn":
        withdrawn = _at(published + timedelta(days=21), salt)
        times |= {"version": 3, "withdrawn_at": withdrawn, "updated_at": withdrawn}
    fixture.add(
        "indicators.progressreport",
        indicator=[*plan, key],
        period=[*plan, ends_on],
        period_end=ends_on,
        actor=[COUNTRY, actor],
        stream="independent",
        data_state="reported" if "v" in view else "judgement",
        **_figure(of_model, view, plan),
        judgement=view.get("judgement"),
        narrative=view["text"],
        state=state,
        author=[story.author(actor, "analyst", published)],
        created_at=_at(published - timedelta(days=6), salt),
        withdrawal_reason=view.get("withdrawal"),
        **times,
        **_correction(view, [*plan, key, ends_on, "independent", actor]),
    )
    if "evidence" in view:
        kind, title = view["evidence"]
        natural_key = [*plan, key, ends_on, "independent", actor, view.get("revision", 1)]
        _add_evidence(fixture, story, natural_key, kind, title, of_model)


def _add_evidence(fixture: Fixture, story: Story, natural_key: list, kind: object, title: str, of_model: Row) -> None:
    """A link on a domain that is reserved for examples."""
    _country, _edition, key, ends_on, stream, actor, revision = natural_key
    suffix = f"-{revision}" if revision > 1 else ""
    fixture.add(
        "indicators.evidence",
        report=natural_key,
        title=title,
        kind=kind,
        issuer=next(str(one["name"]) for one in story.actors if one["key"] == actor),
        issued_on=ends_on + timedelta(days=10 + spread(title, 5)),
        url=f"https://example.org/marevia/{'views/' if stream == 'independent' else ''}{key}/{ends_on}{suffix}",
        visibility="restricted" if of_model.get("is_sensitive") else "public",
    )


def _add_activity_report(fixture: Fixture, story: Story, key: str, report: Row, ends_on: date) -> None:
    actor = str(story.activities[key]["lead"])
    plan = [COUNTRY, story.edition]
    fixture.add(
        "indicators.activityreport",
        activity=[*plan, key],
        period=[*plan, ends_on],
        period_end=ends_on,
        actor=[COUNTRY, actor],
        progress=report["is"],
        what_was_done=report["text"],
        reason=report.get("why"),
        spent=Decimal(f"{report['spent']}.00") if "spent" in report else None,
        **_life(story, report, ends_on, actor, None, salt=f"{key} {ends_on}"),
        **_correction(report, [*plan, key, ends_on]),
    )


def _at(day: date, salt: str) -> datetime:
    """A time in office hours of that day."""
    minutes = spread(f"{salt} {day}", 9 * 60)
    return datetime.combine(day, time(8), tzinfo=UTC) + timedelta(minutes=minutes)

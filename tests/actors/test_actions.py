"""Edits checked against a version, forms that count once, and both of them when two people are at it."""

import threading
import uuid

import pytest
from django.db import IntegrityError, connection, connections

from actors.actions import EditConflict, save_edit, save_new, write_once
from actors.models import Actor, Country, FormToken, User
from tests.factories import make_actor, make_country, make_person


def history_of(row) -> list[tuple[str, str, object]]:
    """Kind of change, name and author of each history row, the oldest first."""
    return [(h.history_type, h.name, h.history_user) for h in row.history.order_by("history_id")]


# --- save_edit and save_new -----------------------------------------------------------------------------------------


def test_edit_raises_the_version_and_leaves_history_with_its_author(country, coordinator):
    country.history.all().delete()
    country.name = "Examplestan"

    saved = save_edit(country, version=1, by=coordinator)

    assert saved is country
    stored = Country.objects.get()
    assert (stored.name, stored.version, country.version) == ("Examplestan", 2, 2)
    assert history_of(stored) == [("~", "Examplestan", coordinator)]
    assert stored.history.get().version == 2


def test_edit_of_a_row_that_moved_on_stores_nothing(country, coordinator, focal_point):
    mine, theirs = Country.objects.get(), Country.objects.get()
    theirs.name = "Theirs"
    save_edit(theirs, version=1, by=focal_point)
    history = history_of(country)
    mine.name = "Mine"

    with pytest.raises(EditConflict) as conflict:
        save_edit(mine, version=1, by=coordinator)

    assert (conflict.value.current.name, conflict.value.current.version) == ("Theirs", 2)
    assert (mine.name, mine.version) == ("Mine", 1)  # both texts are there to be shown
    stored = Country.objects.get()
    assert (stored.name, stored.version, history_of(stored)) == ("Theirs", 2, history)


def test_edit_that_meets_a_conflict_succeeds_at_the_stored_version(country, coordinator):
    Country.objects.update(version=7)
    country.name = "Mine"
    with pytest.raises(EditConflict):
        save_edit(country, version=1, by=coordinator)
    save_edit(country, version=7, by=coordinator)
    assert Country.objects.values_list("name", "version").get() == ("Mine", 8)


def test_edit_of_a_row_touches_no_other(country, coordinator):
    other = make_country("XC")
    country.name = "Edited"
    save_edit(country, version=1, by=coordinator)
    other.refresh_from_db()
    assert (other.name, other.version, other.history.count()) == ("Country XC", 1, 1)


def test_edit_that_the_database_refuses_stores_neither_version_nor_history(ministry, police, coordinator):
    police.name = ministry.name
    with pytest.raises(IntegrityError):
        save_edit(police, version=1, by=coordinator)
    stored = Actor.objects.get(pk=police.pk)
    assert (stored.name, stored.version, stored.history.count()) == ("National Police", 1, 1)


def test_edit_that_the_database_refuses_can_be_sent_again_with_the_same_row(ministry, police, coordinator):
    police.name = ministry.name
    with pytest.raises(IntegrityError):
        save_edit(police, version=1, by=coordinator)
    assert police.version == 1


def test_edit_of_a_row_that_was_deleted_is_a_conflict(country, coordinator):
    mine = make_country("XC")
    Country.objects.filter(pk=mine.pk).delete()
    with pytest.raises(EditConflict):
        save_edit(mine, version=1, by=coordinator)


def test_edit_of_a_draft_raises_the_version_and_leaves_no_history(country, coordinator):
    country.history.all().delete()
    country.name = "Draft"
    save_edit(country, version=1, by=coordinator, with_history=False)
    assert Country.objects.values_list("name", "version").get() == ("Draft", 2)
    assert history_of(country) == []


def test_edit_after_a_draft_leaves_history_again(country, coordinator):
    country.history.all().delete()
    save_edit(country, version=1, by=coordinator, with_history=False)
    save_edit(country, version=2, by=coordinator)
    assert history_of(country) == [("~", country.name, coordinator)]


def test_new_row_names_its_author_in_history(coordinator):
    country = save_new(Country(code="XC", name="New"), by=coordinator)
    assert (country.version, history_of(country)) == (1, [("+", "New", coordinator)])


def test_new_draft_leaves_no_history(coordinator):
    country = save_new(Country(code="XC", name="New"), by=coordinator, with_history=False)
    assert (Country.objects.filter(pk=country.pk).count(), history_of(country)) == (1, [])


# --- write_once -----------------------------------------------------------------------------------------------------


class Write:
    """Stores a country and answers with an address; counts how often it ran."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self) -> str:
        country = make_country(["YA", "YB", "YC"][self.runs])
        self.runs += 1
        return f"/{country.slug}/"


def test_second_sending_gets_the_first_answer_and_writes_nothing(focal_point):
    token, write = uuid.uuid4(), Write()
    answers = [write_once(token=token, by=focal_point, write=write) for _ in range(3)]
    assert (answers, write.runs) == (["/ya/", "/ya/", "/ya/"], 1)
    assert list(FormToken.objects.values_list("token", "user", "answer")) == [(token, focal_point.pk, "/ya/")]


def test_two_forms_are_two_writes(focal_point):
    write = Write()
    answers = [write_once(token=uuid.uuid4(), by=focal_point, write=write) for _ in range(2)]
    assert (answers, write.runs) == (["/ya/", "/yb/"], 2)


@pytest.mark.parametrize("error", [ValueError, EditConflict, IntegrityError])
def test_write_that_raises_stores_nothing_and_leaves_the_token_unspent(country, focal_point, error):
    token = uuid.uuid4()

    def fails():
        make_country("YZ")
        raise error(country)

    with pytest.raises(error):
        write_once(token=token, by=focal_point, write=fails)
    assert not FormToken.objects.exists()
    assert not Country.objects.filter(code="YZ").exists()
    assert write_once(token=token, by=focal_point, write=Write()) == "/ya/"


def test_token_of_another_person_gives_no_answer_and_writes_nothing(focal_point, police_focal_point):
    token, write = uuid.uuid4(), Write()
    write_once(token=token, by=focal_point, write=write)
    with pytest.raises(IntegrityError):
        write_once(token=token, by=police_focal_point, write=write)
    assert write.runs == 1


# --- two at a time --------------------------------------------------------------------------------------------------

WAIT = 20  # seconds after which a test gives up instead of hanging


def at_once(*works) -> list:
    """What each work gives or raises, each in a thread with a connection of its own."""
    results: list = [None] * len(works)

    def run(number, work):
        try:
            results[number] = work()
        except Exception as error:  # noqa: BLE001, RUF100  # what was raised is the result
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert not any(thread.is_alive() for thread in threads)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_run_once_and_get_one_answer():
    """The second click looks for the token, and finds none, while the first is still writing."""
    user = make_person()
    token = uuid.uuid4()
    writing, looked = threading.Event(), threading.Event()
    runs = []

    def write() -> str:
        runs.append(threading.current_thread().name)
        writing.set()
        assert looked.wait(WAIT)
        make_country("YA")
        return "/ya/"

    def tell_when_looked(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("SELECT") and FormToken._meta.db_table in sql:
            looked.set()
        return result

    def first_click() -> str:
        return write_once(token=token, by=user, write=write)

    def second_click() -> str:
        assert writing.wait(WAIT)
        with connection.execute_wrapper(tell_when_looked):
            return write_once(token=token, by=user, write=write)

    assert at_once(first_click, second_click) == ["/ya/", "/ya/"]
    assert len(runs) == 1
    assert Country.objects.filter(code="YA").count() == 1
    assert FormToken.objects.get().answer == "/ya/"


@pytest.mark.django_db(transaction=True)
def test_second_click_writes_where_the_first_one_fails_meanwhile():
    user = make_person()
    token = uuid.uuid4()
    writing, looked = threading.Event(), threading.Event()

    def fails() -> str:
        writing.set()
        assert looked.wait(WAIT)
        raise ValueError("The first click failed.")

    def tell_when_looked(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith("SELECT") and FormToken._meta.db_table in sql:
            looked.set()
        return result

    def first_click() -> str:
        return write_once(token=token, by=user, write=fails)

    def second_click() -> str:
        assert writing.wait(WAIT)
        with connection.execute_wrapper(tell_when_looked):
            return write_once(token=token, by=user, write=Write())

    first, second = at_once(first_click, second_click)
    assert (type(first), second) == (ValueError, "/ya/")
    assert FormToken.objects.get().answer == "/ya/"


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_at_once_one_is_stored_and_the_other_is_a_conflict():
    """Both forms were opened at version 1; which of them is first does not matter."""
    users = [make_person(), make_person()]
    pk = make_actor(name="Before").pk
    opened = threading.Barrier(2)

    def edit(number):
        def work():
            row = Actor.objects.get(pk=pk)
            row.name = f"Edit {number}"
            opened.wait(WAIT)
            return save_edit(row, version=1, by=User.objects.get(pk=users[number].pk)).name

        return work

    results = at_once(edit(0), edit(1))

    conflicts = [result for result in results if isinstance(result, EditConflict)]
    [stored_name] = [result for result in results if isinstance(result, str)]
    assert [conflict.current.name for conflict in conflicts] == [stored_name]
    stored = Actor.objects.get(pk=pk)
    assert (stored.name, stored.version) == (stored_name, 2)
    assert history_of(stored) == [("+", "Before", None), ("~", stored_name, users[int(stored_name[-1])])]


@pytest.mark.django_db(transaction=True)
def test_no_edit_is_lost_among_many():
    """Two people add a line 20 times each and open the form anew after a conflict: 40 lines, versions and histories."""
    users = [make_person(), make_person()]
    pk = make_country("XC").pk

    def adds_lines(number):
        def work():
            added = 0
            while added < 20:
                row = Country.objects.get(pk=pk)
                row.help_text += f"{number}.{added}\n"
                try:
                    save_edit(row, version=row.version, by=users[number])
                except EditConflict:
                    continue
                added += 1
            return added

        return work

    assert at_once(adds_lines(0), adds_lines(1)) == [20, 20]
    stored = Country.objects.get(pk=pk)
    assert sorted(stored.help_text.split()) == sorted(f"{n}.{line}" for n in range(2) for line in range(20))
    assert (stored.version, stored.history.filter(history_type="~").count()) == (41, 40)
    assert [stored.history.filter(history_user=user).count() for user in users] == [20, 20]

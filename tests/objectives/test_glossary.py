"""The words of a plan, and of the model with today's words beside them."""

from __future__ import annotations

import pytest
from django.urls import reverse

from objectives.models import Term, Wording
from tests.factories import make_model_plan, make_plan


def glossary(plan):
    return reverse("objectives:glossary", kwargs={"country": plan.country.slug, "edition": plan.edition})


@pytest.fixture
def model(db):
    model = make_model_plan()
    Term.objects.create(plan=model, abbreviation="WTO", meaning="World Tourism Organization", todays_term="UN Tourism")
    Term.objects.create(plan=model, abbreviation="UN", meaning="United Nations")
    Wording.objects.create(plan=model, quoted="sex trade", todays_term="exploitation of children in prostitution")
    return model


def test_model_glossary_quotes_and_marks_todays_terms_as_ours(client, model):
    response = client.get(reverse("objectives:model-glossary"))
    page = response.content.decode()
    assert (response.status_code, response.context["plan"]) == (200, model)
    assert [term.abbreviation for term in response.context["terms"]] == ["UN", "WTO"]
    assert "<q>World Tourism Organization</q>" in page
    assert "<q>sex trade</q>" in page
    assert page.count('<span class="ours"><span class="ours-label">') == 2


def test_model_glossary_is_not_there_without_a_model(client, db):
    assert client.get(reverse("objectives:model-glossary")).status_code == 404


def test_glossary_of_a_country_has_its_own_terms_and_leads_to_the_models(client, country, model):
    plan = make_plan(country, model=model)
    Term.objects.create(plan=plan, abbreviation="NCPC", meaning="<b>Committee</b>")
    response = client.get(glossary(plan))
    page = response.content.decode()
    assert [term.abbreviation for term in response.context["terms"]] == ["NCPC"]
    assert "&lt;b&gt;Committee&lt;/b&gt;" in page
    assert reverse("objectives:model-glossary") in page
    assert "WTO" not in page


def test_glossary_of_a_private_plan_is_not_there_for_the_public(client, login, plan, coordinator):
    plan.is_public = False
    plan.save()
    assert client.get(glossary(plan)).status_code == 404
    login(client, coordinator)
    assert client.get(glossary(plan)).status_code == 200


@pytest.mark.parametrize("name", ["glossary", "model"])
def test_glossary_is_read_only(client, plan, model, name):
    address = glossary(plan) if name == "glossary" else reverse("objectives:model-glossary")
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("number", [1, 40])
def test_glossary_costs_the_same_queries_for_many_terms(client, model, django_assert_num_queries, number):
    for place in range(number):
        Term.objects.create(plan=model, abbreviation=f"T{place}", meaning="x")
    with django_assert_num_queries(3):
        client.get(reverse("objectives:model-glossary"))

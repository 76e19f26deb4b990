"""What the fields that every app uses let in."""

import re

import pytest
from django.core.exceptions import ValidationError

from actors.models import KeyField, LinkField, new_key


@pytest.mark.parametrize(
    "link", ["http://example.org/", "https://example.org/a?b=c#d", "https://xn--bcher-kva.example/"]
)
def test_link_that_people_may_follow(link):
    assert LinkField().clean(link, None) == link


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", "ftp://example.org/", "data:text/html,x", "//example.org/", "example.org", "https://"],
)
def test_link_that_is_neither_http_nor_https(link):
    with pytest.raises(ValidationError):
        LinkField().clean(link, None)


def test_link_in_capitals_is_lowered_or_refused():
    try:
        link = LinkField().clean("HTTPS://example.org/", None)
    except ValidationError:
        return
    assert link == "https://example.org/"


@pytest.mark.parametrize("key", ["2.4", "police", "a_b-c.9", "0f3a9c1e"])
def test_key_that_may_stand_in_files_and_addresses(key):
    assert KeyField().clean(key, None) == key


@pytest.mark.parametrize(
    "key",
    ["a b", "a/b", "ä", "=1+1", "a\nb", "a\n", ""],
)
def test_key_with_other_signs(key):
    with pytest.raises(ValidationError):
        KeyField().clean(key, None)


def test_new_keys_are_short_and_differ():
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(re.fullmatch("[0-9a-f]{8}", key) for key in keys)

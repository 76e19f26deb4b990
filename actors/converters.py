"""How countries, days and keys stand in addresses."""

from datetime import date

from django.urls import register_converter


class CountryConverter:
    """A country's code in lower case; views get it as it stands."""

    regex = "[a-z]{2}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value.lower()


class DayConverter:
    """A day as YYYY-MM-DD; views get a date."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else value.isoformat()


class KeyConverter:
    """The immutable key of a row."""

    regex = "[A-Za-z0-9._-]{1,40}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CountryConverter, "country")
register_converter(DayConverter, "day")
register_converter(KeyConverter, "key")

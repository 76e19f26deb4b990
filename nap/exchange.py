"""Rows out to files that people open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from defusedcsv import csv

BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for the machine's own code page
LOOKS_EMPTY = " \t\r\n\v\f\u00a0\u200b\ufeff"  # characters before a formula that spreadsheets skip


class Writable(Protocol):
    def write(self, text: str, /) -> object: ...


def write_csv(file: Writable, headings: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
    """Write a table as UTF-8 text that spreadsheets open as such, and in which no cell is a formula.

    defusedcsv puts an apostrophe before a cell that begins like a formula; space that would hide such a beginning from
    it is dropped first. Numbers stay numbers, and None is an empty cell.
    """
    file.write(BYTE_ORDER_MARK)
    writer = csv.writer(file)
    writer.writerow(_bare(heading) for heading in headings)
    writer.writerows([_bare(cell) for cell in row] for row in rows)


def _bare(cell: object) -> object:
    return cell if cell is None or isinstance(cell, int | float) else str(cell).lstrip(LOOKS_EMPTY)

"""The files that the administration site takes and gives: CSV in which no cell is a formula, and JSON.

No workbooks: a small one can be made that takes gigabytes to open. They come in through the exchange, which guards
against that (docs/loading.md).
"""

from __future__ import annotations

import io
import re

from defusedcsv import csv
from import_export.formats import base_formats

DEFUSED = re.compile(r"^'(?=[@+\-=|%])")


class DefusedCSV(base_formats.CSV):
    """defusedcsv puts an apostrophe before what a spreadsheet would take for a formula; reading takes it off again.

    import-export's own way would drop a leading "=" and let "+", "-" and "@" by.
    """

    def export_data(self, dataset, **kwargs) -> str:
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(dataset.headers)
        writer.writerows(dataset)
        return file.getvalue()

    def create_dataset(self, in_stream, **kwargs):
        dataset = super().create_dataset(in_stream, **kwargs)
        rows = [[_restored(cell) for cell in row] for row in dataset]
        headers = dataset.headers
        dataset.wipe()
        dataset.headers = headers
        dataset.extend(rows)
        return dataset


def _restored(cell: object) -> object:
    if isinstance(cell, str) and DEFUSED.match(cell):
        return cell[1:].replace("\\|", "|")
    return cell


FORMATS = [DefusedCSV, base_formats.JSON]

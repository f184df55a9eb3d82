"""Tables for spreadsheets, in which no text can become a formula."""

import csv
import io
from collections.abc import Sequence
from decimal import Decimal

from flask import Response

Cell = str | int | float | Decimal
Sheet = list[Sequence[Cell]]
# What a spreadsheet may take for the beginning of a formula, full-width forms included.
DANGEROUS = frozenset("=+-@\t\r\n\0＝＋－＠")
UTF8_MARK = "\ufeff"  # without it Excel reads Chinese as nonsense


def safe_cell(cell: Cell) -> Cell:
    """Numbers as they are; a text that could be a formula gets a mark before it."""
    if isinstance(cell, str) and cell[:1] in DANGEROUS and cell:
        return "'" + cell.replace("\0", "")
    return cell


def csv_answer(sheet: Sheet, name: str) -> Response:
    """The table as a file to keep. Dates and amounts are plain, so that any program reads them."""
    text = io.StringIO()
    writer = csv.writer(text)
    for row in sheet:
        writer.writerow([safe_cell(cell) for cell in row])
    return Response(
        UTF8_MARK + text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

"""A QR code as one SVG path, so that a page needs no image and no script for it."""

from dataclasses import dataclass

import segno

QUIET = 2  # modules of white around it


@dataclass(frozen=True)
class QrPath:
    """`d` is the path in units of one module; `size` is the width with its quiet zone."""

    d: str
    size: int


def draw_qr(text: str) -> QrPath:
    """The path of a QR code that survives a cracked screen (error correction M)."""
    code = segno.make(text, error="m", micro=False)
    rows = [list(row) for row in code.matrix]
    parts = [
        f"M{column + QUIET} {line + QUIET}h1v1h-1z"
        for line, row in enumerate(rows)
        for column, dark in enumerate(row)
        if dark
    ]
    return QrPath("".join(parts), len(rows) + 2 * QUIET)

"""Where a form came from: only ever a path of this very shop."""

import re

from flask import request

PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
LONGEST = 500


def safe_path(text: str) -> str | None:
    """The path, if it can only lead to a page of this host; None otherwise."""
    return text if len(text) <= LONGEST and PATH.fullmatch(text) else None


def path_back(otherwise: str) -> str:
    """The page a form says it stands on, or another one."""
    return safe_path(request.form.get("back", "")) or otherwise

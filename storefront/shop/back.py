"""Where a form came from: only ever a path of this very shop."""

from flask import request

from tenants.signin.destinations import safe_path


def path_back(otherwise: str) -> str:
    """The page a form says it stands on, or another one."""
    return safe_path(request.form.get("back"), otherwise=otherwise)

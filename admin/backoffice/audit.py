"""The history of a shop: who did what, when and why."""

from uuid import UUID

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.audit_subjects import name_subjects
from admin.backoffice.audit_words import ABOUT, action_words, actor_words, detail_words
from tenants.audit.queries import list_entries
from tenants.people.queries import list_members
from tenants.people.rules import Permission


@backoffice.get("/history")
@requires(Permission.SEE_AUDIT)
def list_audit() -> ResponseReturnValue:
    """A page of what was done, newest first, narrowed to a person or a kind of thing."""
    about = request.args.get("about", "")
    found = list_entries(
        page=request.args.get("page", 1, type=int),
        actor_id=_as_id(request.args.get("who", "")),
        about=about if about in ABOUT else "",
    )
    subjects = name_subjects(found.rows)
    rows = [
        {
            "at": entry.at,
            "who": actor_words(entry),
            "what": action_words(entry),
            "subject": subjects.get(entry.subject),
            "details": detail_words(entry, g.profile.currency),
            "reason": entry.reason,
        }
        for entry in found.rows
    ]
    people = [(str(member.person_id), member.name) for member in list_members()]
    kinds = [(key, gettext(words)) for key, words in ABOUT.items()]
    filters = [
        {"name": "who", "label": gettext("Everyone"), "options": people},
        {"name": "about", "label": gettext("Everything"), "options": kinds},
    ]
    return render_template("backoffice/audit/list.html", rows=rows, page=found, filters=filters)


def _as_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

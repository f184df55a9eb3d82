"""Development only: the mails that were delivered into a folder, for people and for scripts."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from kernel.policy import public
from kernel.settings import settings

mailbox = Blueprint("mailbox", __name__, url_prefix="/dev/mailbox", template_folder="templates")
NEWEST = 200
# Mails carry their styles on their elements, and are shown alone.
MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src * data:; sandbox allow-popups"


@mailbox.get("")
@public
def list_mails() -> ResponseReturnValue:
    """The newest mails first; `to` and `subject` narrow the list, JSON for who asks for it."""
    wanted = request.args.get("to", "").lower(), request.args.get("subject", "").lower()
    found = [
        mail
        for mail in map(_shown, _files())
        if wanted[0] in str(mail["to"]).lower() and wanted[1] in str(mail["subject"]).lower()
    ]
    if request.accept_mimetypes.best == "application/json":
        return jsonify(found)
    return render_template("site/mailbox.html", mails=found)


@mailbox.get("/<name>")
@public
def show_mail(name: str) -> ResponseReturnValue:
    """The HTML of one mail, alone and without rights."""
    path = _folder() / f"{name}.eml"
    if not re.fullmatch(r"[0-9a-f-]{36}", name) or not path.is_file():
        raise NotFound
    answer = Response(_body(_read(path), "html"), content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = MAIL_POLICY
    return answer


def _folder() -> Path:
    return settings().instance / "mail"


def _files() -> Iterator[Path]:
    files = sorted(_folder().glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    yield from files[:NEWEST]


def _read(path: Path) -> EmailMessage:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage), "the default policy makes these"
    return message


def _shown(path: Path) -> dict[str, object]:
    message = _read(path)
    return {
        "id": path.stem,
        "to": str(message["To"]),
        "from": str(message["From"]),
        "reply_to": str(message["Reply-To"] or ""),
        "subject": str(message["Subject"]),
        "at": str(message["Date"]),
        "text": _body(message, "plain"),
    }


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""

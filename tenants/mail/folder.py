"""A mail back end for development: each mail is a file, named so that a second delivery replaces
the first. The mailbox page reads them."""

from collections.abc import Iterable
from pathlib import Path

from flask_mailman.backends.base import BaseEmailBackend
from flask_mailman.message import EmailMessage


class EmailBackend(BaseEmailBackend):  # type: ignore[misc]  # flask_mailman carries no types
    """Writes <Message-ID>.eml into MAIL_FILE_PATH."""

    def send_messages(self, messages: Iterable[EmailMessage]) -> int:
        folder = Path(self.mailman.file_path)
        folder.mkdir(parents=True, exist_ok=True)
        written = 0
        for message in messages:
            made = message.message()
            name = str(made["Message-ID"]).strip("<>").partition("@")[0]
            unready = folder / f".{name}"
            unready.write_bytes(made.as_bytes())
            unready.replace(folder / f"{name}.eml")
            written += 1
        return written

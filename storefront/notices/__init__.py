"""Face: the mails a shop sends to its shoppers and to its own people."""

from flask import Blueprint

# Only for its templates: it has no page.
notices = Blueprint("notices", __name__, template_folder="templates")

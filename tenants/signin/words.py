"""What roles are called."""

from flask_babel import gettext

from kernel.errors import N_
from tenants.people.rules import Role

ROLES = {Role.OWNER: N_("Owner"), Role.MANAGER: N_("Manager"), Role.PACKER: N_("Packer")}


def role_words(role: Role) -> str:
    """A role in the reader's language."""
    return str(gettext(ROLES[role]))

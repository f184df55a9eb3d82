"""Makers of Sheaf's own people."""

import pyotp

from tenants.staff.services import NewStaff, create_staff

PASSWORD = "barley-before-breakfast"


def make_staff(name: str = "Dora") -> NewStaff:
    return create_staff(email=f"{name.lower()}@sheaf.test", name=name, password=PASSWORD)


def code_of(staff: NewStaff, *, at: float) -> str:
    """What the authenticator app of this member shows at an instant."""
    totp = pyotp.parse_uri(staff.uri)
    assert isinstance(totp, pyotp.TOTP)
    return totp.at(at)

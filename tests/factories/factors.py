"""Makers of second factors, and the phone that shows their codes."""

from dataclasses import dataclass, field
from datetime import datetime

import pyotp

from kernel import clock
from tenants.factors.services.set_up import begin_set_up, confirm_set_up, find_set_up
from tenants.people.models import Person


@dataclass
class Phone:
    """An authenticator app, and the paper beside it."""

    secret: str
    papers: list[str] = field(default_factory=list)

    def code(self, at: datetime | None = None) -> str:
        return pyotp.TOTP(self.secret).at(at or clock.now())

    def wrong_code(self, at: datetime | None = None) -> str:
        """Six digits that fit no step anywhere near."""
        now = int((at or clock.now()).timestamp())
        near = {pyotp.TOTP(self.secret).at(now + 30 * step) for step in range(-3, 4)}
        return next(f"{n:06d}" for n in range(20) if f"{n:06d}" not in near)


def give_factor(person: Person) -> Phone:
    """This person has a second factor from now on, set up ten minutes ago."""
    begin_set_up(person_id=person.id)
    found = find_set_up(person.id)
    assert found is not None
    phone = Phone(found.secret)
    phone.papers = confirm_set_up(person_id=person.id, code=phone.code(), keep=person.id)
    return phone

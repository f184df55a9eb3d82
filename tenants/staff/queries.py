"""Reading who is staff."""

from uuid import UUID

from sqlalchemy import select

from kernel.db import db
from tenants.factors.codes import Kept, count_papers
from tenants.staff.errors import StaffNotFound
from tenants.staff.models import RecoveryCode, StaffMember

FACTORS = Kept("staff", RecoveryCode, RecoveryCode.staff_id)


def find_staff(staff_id: UUID) -> StaffMember | None:
    """The member of staff, unless they have left."""
    query = select(StaffMember).where(StaffMember.id == staff_id, StaffMember.left_at.is_(None))
    return db.session.scalars(query).one_or_none()


def find_staff_by_email(email: str) -> StaffMember | None:
    """Who is staff under this address, however it was typed, unless they have left."""
    query = select(StaffMember).where(
        StaffMember.email == email.strip().lower(), StaffMember.left_at.is_(None)
    )
    return db.session.scalars(query).one_or_none()


def get_staff_by_email(email: str) -> StaffMember:
    """Who is staff under this address, or StaffNotFound."""
    member = find_staff_by_email(email)
    if member is None:
        raise StaffNotFound
    return member


def count_recovery_codes(staff_id: UUID) -> int:
    """How many recovery codes someone has left."""
    return count_papers(FACTORS, staff_id)

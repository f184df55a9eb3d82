"""Reading who is staff."""

from uuid import UUID

from sqlalchemy import func, select

from kernel.db import db
from tenants.staff.errors import StaffNotFound
from tenants.staff.models import RecoveryCode, StaffMember


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
    query = select(func.count()).where(
        RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None)
    )
    return db.session.scalar(query) or 0

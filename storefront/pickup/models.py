"""Where and when shoppers collect what they bought."""

from datetime import date, time
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base
from kernel.scope import TenantOwned, related, tenant_key


class PickupPoint(TenantOwned, Base):
    """A place of collection. Orders close `lead_hours` before it opens; shoppers may choose among
    the days up to `days_ahead` from today. At least one of its names is filled."""

    __tablename__ = "pickup_points"
    __table_args__ = (
        CheckConstraint("name_en <> '' OR name_zh <> ''", name="named"),
        CheckConstraint("lead_hours BETWEEN 0 AND 336", name="lead"),
        CheckConstraint("days_ahead BETWEEN 1 AND 60", name="ahead"),
    )

    name_en: Mapped[str] = mapped_column(default="")
    name_zh: Mapped[str] = mapped_column(default="")
    address: Mapped[str]
    note_en: Mapped[str] = mapped_column(default="")
    note_zh: Mapped[str] = mapped_column(default="")
    lead_hours: Mapped[int] = mapped_column(default=24)
    days_ahead: Mapped[int] = mapped_column(default=14)
    active: Mapped[bool] = mapped_column(default=True)
    sample: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    hours: Mapped[list["OpeningHour"]] = related(
        "OpeningHour", order_by="OpeningHour.weekday", cascade="all, delete-orphan"
    )
    closed_days: Mapped[list["ClosedDay"]] = related(
        "ClosedDay", order_by="ClosedDay.day", cascade="all, delete-orphan"
    )

    def name_in(self, language: str) -> str:
        """Its name in "zh" or "en", or in the other language while that one is missing."""
        return (
            (self.name_zh or self.name_en) if language == "zh" else (self.name_en or self.name_zh)
        )

    def note_in(self, language: str) -> str:
        """How to find it, in "zh" or "en", or in the other language."""
        return (
            (self.note_zh or self.note_en) if language == "zh" else (self.note_en or self.note_zh)
        )


class OpeningHour(TenantOwned, Base):
    """When a point is open on one weekday (0 is Monday), in the shop's local time."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        UniqueConstraint("tenant_id", "point_id", "weekday"),
        tenant_key("point_id", "pickup_points"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("closes > opens", name="hours"),
    )

    point_id: Mapped[UUID]
    weekday: Mapped[int]
    opens: Mapped[time]
    closes: Mapped[time]


class ClosedDay(TenantOwned, Base):
    """A day on which a point stays closed although its weekday is open."""

    __tablename__ = "closed_days"
    __table_args__ = (
        UniqueConstraint("tenant_id", "point_id", "day"),
        tenant_key("point_id", "pickup_points"),
    )

    point_id: Mapped[UUID]
    day: Mapped[date]

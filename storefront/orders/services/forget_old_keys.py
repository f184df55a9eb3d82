"""Forgetting which checkout form made which order."""

from datetime import datetime

from sqlalchemy import delete

from kernel.db import transaction
from storefront.orders.models import CheckoutKey


def forget_old_keys(*, before: datetime) -> None:
    """Keys made before this instant are gone; their orders stay."""
    with transaction() as session:
        session.execute(delete(CheckoutKey).where(CheckoutKey.made_at < before))

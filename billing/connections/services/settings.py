"""The shop's payment settings as a row, and the choices in it."""

from billing.connections.errors import NothingConnected, NoWayToPay
from billing.connections.models import ConnectionMode, PaymentConnection
from billing.connections.queries import can_charge, find_connection
from kernel.db import insert_unless_there, transaction
from kernel.outbox import announce
from tenants.alerts.services import alert
from tenants.audit.services import record


def lock_settings() -> PaymentConnection:
    """The shop's payment settings, locked; made with their defaults if there were none."""
    insert_unless_there(PaymentConnection)
    found = find_connection(lock=True)
    assert found is not None, "it was there or has just been made"
    return found


def choose_mode(*, mode: ConnectionMode) -> None:
    """New online payments go through this from now on; NONE takes no more of them.

    Refused: what is not connected, and leaving shoppers no way to pay.
    """
    with transaction():
        found = lock_settings()
        missing = {
            ConnectionMode.NONE: False,
            ConnectionMode.CONNECT: found.account_ref is None or found.deauthorized_at is not None,
            ConnectionMode.OWN_KEYS: found.own_key_sealed is None,
        }
        if missing[mode]:
            raise NothingConnected
        if mode is ConnectionMode.NONE and not found.at_pickup_enabled:
            raise NoWayToPay
        if found.mode is mode:
            return
        found.mode = mode
        record(action="payments.mode_chosen", mode=mode.value)
        alert(action="payments.mode_chosen", mode=mode.value)
        announce("connection.changed")


def set_at_pickup(*, enabled: bool) -> None:
    """Whether shoppers may pay when they fetch their order.

    Refused: to switch off the only way to pay.
    """
    with transaction():
        found = lock_settings()
        if found.at_pickup_enabled is enabled:
            return
        if not enabled and not can_charge(found):
            raise NoWayToPay
        found.at_pickup_enabled = enabled
        record(action="payments.at_pickup_changed", enabled=int(enabled))
        alert(action="payments.at_pickup_changed", enabled=int(enabled))
        announce("connection.changed")

"""The queues a packing day is worked through in."""

from enum import StrEnum


class Queue(StrEnum):
    """Where an order waits, or where it ended; `REFUNDED` cuts across the others."""

    TO_PREPARE = "to-prepare"
    TO_PAY = "to-pay"
    READY = "ready"
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"

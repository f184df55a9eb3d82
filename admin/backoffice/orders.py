"""Orders as queues, and one order with everything that can be done with it."""

from admin.backoffice import backoffice

__all__ = ["backoffice"]

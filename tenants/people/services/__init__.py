"""What people can do and what can be done to them, one group of verbs a file."""

from tenants.people.services.members import change_role, join_shop, remove_member

__all__ = ["change_role", "join_shop", "remove_member"]

"""Refusals about cooperatives and their shops."""

from kernel.errors import NotFound


class TenantNotFound(NotFound):
    code = "tenant_not_found"

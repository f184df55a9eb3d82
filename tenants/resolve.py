"""Host to surface and tenant, before any view. One indexed look-up, remembered for seconds."""

import time
from uuid import UUID

from flask import g, request
from sqlalchemy import select

from kernel.db import db
from kernel.scope import PLATFORM_ID, acting_for
from kernel.settings import settings
from kernel.web import HostMatch, SheafFlask, enter
from tenants.accounts.models import Hostname, Tenant
from tenants.accounts.queries import find_profile

REMEMBER_SECONDS = 2.0
REMEMBER_HOSTS = 10_000

_remembered: dict[str, tuple[float, HostMatch | None]] = {}


def find_host(host: str) -> HostMatch | None:
    """The surface of a canonical host, or None when nobody lives there."""
    made = settings()
    ours = {
        made.base_domain: "site",
        f"app.{made.base_domain}": "app",
        f"ops.{made.base_domain}": "ops",
    }
    if host in ours:
        return HostMatch(ours[host])
    known = _remembered.get(host)
    if known is not None and known[0] > time.monotonic():
        return known[1]
    match = _look_up(host)
    if len(_remembered) >= REMEMBER_HOSTS:
        _remembered.clear()
    _remembered[host] = (time.monotonic() + REMEMBER_SECONDS, match)
    return match


def forget_hosts() -> None:
    """Drop what is remembered: a shop of this process has changed its state or host."""
    _remembered.clear()


def _look_up(host: str) -> HostMatch | None:
    slug, _, domain = host.partition(".")
    if domain == settings().shops_domain:
        query = select(Tenant).where(Tenant.slug == slug)
    else:
        query = (
            select(Tenant)
            .join(Hostname, Hostname.tenant_id == Tenant.id)
            .where(Hostname.host == host, Hostname.verified_at.is_not(None))
        )
    tenant = db.session.scalars(query.where(Tenant.id != PLATFORM_ID)).one_or_none()
    return HostMatch("shop", tenant.id, tenant.state.value) if tenant else None


def init_app(app: SheafFlask) -> None:
    """Each request to a shop's host acts for that shop, from here to its end."""

    @app.before_request
    def act_for_the_tenant_of_this_host() -> None:
        match = current_match()
        if match is not None and match.tenant_id is not None:
            enter_tenant(match.tenant_id)


def current_match() -> HostMatch | None:
    """What the host of this request is."""
    match = request.environ.get("sheaf.host")
    return match if isinstance(match, HostMatch) else None


def enter_tenant(tenant_id: UUID) -> None:
    """Act for a tenant until the request ends, in its time zone; shoppers in its languages."""
    enter(acting_for(tenant_id))
    profile = find_profile()
    if profile is None:
        return
    g.profile, g.time_zone = profile, profile.time_zone
    match = current_match()
    if match is not None and match.surface == "shop":
        g.languages = profile.languages

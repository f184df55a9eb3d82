"""Where the console's pages come together, on its own host only."""

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, has_request_context, url_for
from flask_admin import Admin
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_login import current_user

from admin.console import commands
from admin.console.access import StaffHere
from admin.console.account import Account
from admin.console.home import Home
from admin.console.ledger import ProviderEvents, Usage
from admin.console.machine import Audit, Jobs, Mails
from admin.console.pages import StaffPages
from admin.console.reading import slug_of
from admin.console.sales import Orders, Payments, Refunds
from admin.console.search import Search
from admin.console.shops import People, Tenants
from admin.console.signin import signin
from admin.console.words import state_words
from billing.metering.models import UsageEvent
from billing.payments.models import Payment
from billing.refunds.models import Refund
from billing.webhooks.models import ProviderEvent
from kernel.headers import csp_nonce
from kernel.jobs import Job
from kernel.settings import settings
from kernel.web import is_bare, surface
from storefront.orders.models import Order
from tenants.accounts.models import Tenant
from tenants.audit.models import AuditEntry
from tenants.mail.models import Mail
from tenants.people.models import Person

SURFACE = "ops"
GROUPS = {"shops": _("Cooperatives"), "money": _("Money"), "machine": _("System")}
DAY, HOUR, MINUTE, SECOND = (
    timedelta(days=1),
    timedelta(hours=1),
    timedelta(minutes=1),
    timedelta(seconds=1),
)


def pages() -> list[StaffPages]:
    """Every page of the console, in the order of the menu."""
    return [
        Tenants(Tenant, name=_("Shops"), group="shops", endpoint="console_tenants", url="/tenants"),
        People(Person, name=_("People"), group="shops", endpoint="console_people", url="/people"),
        Orders(Order, name=_("Orders"), group="shops", endpoint="console_orders", url="/orders"),
        Payments(
            Payment, name=_("Payments"), group="money", endpoint="console_payments", url="/payments"
        ),
        Refunds(
            Refund, name=_("Refunds"), group="money", endpoint="console_refunds", url="/refunds"
        ),
        Usage(UsageEvent, name=_("Usage"), group="money", endpoint="console_usage", url="/usage"),
        ProviderEvents(
            ProviderEvent, name=_("Provider events"), group="money", endpoint="console_events",
            url="/provider-events",
        ),
        Jobs(Job, name=_("Jobs"), group="machine", endpoint="console_jobs", url="/jobs"),
        Mails(Mail, name=_("Mails"), group="machine", endpoint="console_mails", url="/mails"),
        Audit(AuditEntry, name=_("Audit"), group="machine", endpoint="console_audit", url="/audit"),
        Search(name=_("Search"), endpoint="console_search", url="/search"),
        Account(name=_("Account"), endpoint="console_account", url="/account"),
    ]  # fmt: skip


def init_app(app: Flask) -> None:
    """The console answers on ops.<base>, and nothing of it anywhere else."""
    app.register_blueprint(signin, subdomain=SURFACE)
    admin = Admin(
        app,
        name="Sheaf",
        subdomain=SURFACE,
        url="/",
        index_view=Home(name=_("Home"), endpoint="console_home", url="/"),
        csp_nonce_generator=csp_nonce,
    )
    admin.add_views(*pages())
    app.extensions["sheaf_console"] = {view.endpoint: view for view in admin._views}  # noqa: SLF001 - Flask-Admin has no other list
    app.jinja_env.filters["age"] = age
    app.context_processor(console_words)
    commands.init_app(app)


def console_words() -> dict[str, Any]:
    """What every page of the console can use."""
    if not has_request_context() or surface() != SURFACE or is_bare():
        return {}
    visitor = current_user._get_current_object()  # noqa: SLF001 - a proxy's object
    return {
        "staff": visitor if isinstance(visitor, StaffHere) else None,
        "console_menu": menu,
        "environment": settings().env,
        "environment_words": environment_words(),
        "slug_of": slug_of,
        "state_words": state_words,
    }


def environment_words() -> str:
    """Which installation this is, so that nobody mistakes one for another."""
    names: dict[str, str] = {
        "development": gettext("Development"),
        "test": gettext("Test"),
        "production": gettext("Production: real shops and real money"),
    }
    return names[settings().env]


def menu() -> list[tuple[Any, list[dict[str, Any]]]]:
    """The pages under their headings."""
    views = [view for view in current_app.extensions["sheaf_console"].values() if view.group]
    return [
        (
            words,
            [
                {
                    "label": view.name, "endpoint": view.endpoint,
                    "url": url_for(f"{view.endpoint}.index_view"),
                }
                for view in views
                if view.group == group
            ],
        )
        for group, words in GROUPS.items()
    ]  # fmt: skip


def age(span: timedelta) -> str:
    """A stretch of time, roughly: what counts is seconds, minutes, hours or days."""
    if span >= DAY:
        return str(gettext("%(number)s d", number=span.days))
    if span >= HOUR:
        return str(gettext("%(number)s h", number=span // HOUR))
    if span >= MINUTE:
        return str(gettext("%(number)s min", number=span // MINUTE))
    return str(gettext("%(number)s s", number=span // SECOND))

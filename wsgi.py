"""The one place where the parts meet: `flask --app wsgi run`, `gunicorn wsgi:app`, tests."""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

from flask import Flask
from flask_mailman import Mail
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from admin.backoffice import backoffice
from admin.console import desk as console
from billing.connections import jobs as connections
from billing.disputes import jobs as disputes
from billing.payments import jobs as payments
from billing.plans import jobs as plans
from billing.refunds import jobs as refunds
from billing.webhooks import jobs as webhooks
from billing.webhooks.views import hooks
from kernel import assets, commands, cron, doctor, headers, health, i18n, jobs, log, web
from kernel.cron import Periodic
from kernel.db import db
from kernel.jobs import Handler
from kernel.policy import check_policies
from kernel.settings import ROOT, Settings, SettingsError, settings, use
from storefront.carts import jobs as carts
from storefront.notices import dispute_jobs as dispute_mails
from storefront.notices import jobs as mails
from storefront.notices import notices
from storefront.orders import jobs as orders
from storefront.seeding import commands as seed_commands
from storefront.seeding import jobs as seeding
from storefront.shop import shop
from storefront.shoppers import jobs as shoppers
from tenants import resolve
from tenants.mail.jobs import deliver_mail, forget_mails
from tenants.mail.rules import mail_config
from tenants.media.jobs import drop_removed_files
from tenants.people import jobs as people
from tenants.signin import account, alert_letters, closed, letters, site, visitors
from tenants.signin import commands as people_commands
from tenants.signin.mailbox import mailbox
from tenants.signin.pictures import office_pictures, shop_pictures

# Who listens to what. A topic is listed even when nobody listens yet.
SUBSCRIPTIONS: dict[str, list[Handler]] = {
    "clock.struck": [cron.tell_shops],
    "clock.swept": [cron.sweep_shops],
    "mail.posted": [deliver_mail],
    "dispute.doubted": [disputes.look_again],
    "dispute.moved": [dispute_mails.on_dispute_moved],
    "dispute.opened": [dispute_mails.on_dispute_opened],
    "media.removed": [drop_removed_files],
    "leftovers.due": [people.forget_leftovers, people.forget_finished_work],
    "retention.due": [forget_mails, webhooks.forget_events],
    "password_reset.asked": [letters.send_reset_link],
    "person.invited": [letters.send_invitation],
    "shop.closed": [orders.on_shop_stopped],
    "shop.resumed": [],
    "shop.suspended": [orders.on_shop_stopped],
    "sign_up.code_asked": [letters.send_sign_up_code],
    "visitors.due": [
        people.forget_visitors,
        carts.sweep_carts,
        shoppers.sweep_sign_ins,
        orders.sweep_checkout_keys,
    ],
    "connection.changed": [
        payments.sweep_payments,
        webhooks.pull_events,
        refunds.ask_again,
        disputes.ask_again,
        webhooks.close_former_accounts,
        webhooks.watch_events,
    ],
    "money.sweep": [
        payments.sweep_payments,
        refunds.ask_again,
        disputes.ask_again,
        webhooks.close_former_accounts,
    ],
    "payment.abandoned": [payments.close_abandoned],
    "payment.expired": [orders.on_payment_died],
    "payment.in_doubt": [payments.look_again],
    "payment.failed": [orders.on_payment_died],
    "payment.unknown": [orders.on_payment_slow, mails.on_money_unknown],
    "payment.waiting": [orders.on_payment_slow],
    "payment.succeeded": [payments.meter_payment, orders.on_payment_succeeded],
    "order.cancelled": [mails.on_order_cancelled],
    "order.collected": [],
    "order.hold_due": [orders.on_hold_due],
    "order.moved": [mails.on_order_moved],
    "order.paid": [mails.on_order_paid],
    "order.paid_late": [mails.on_order_paid_late],
    "order.paid_too_late": [mails.on_order_paid_too_late],
    "order.payment_failed": [mails.on_payment_failed],
    "order.payment_due": [orders.on_payment_due],
    "order.placed": [mails.on_order_placed],
    "order.ready": [mails.on_order_ready],
    "order.refund_failed": [mails.on_refund_failed],
    "order.refunded": [mails.on_order_refunded],
    "order.waits": [mails.on_order_waits],
    "provider_event.received": [webhooks.apply_event],
    "refund.doubted": [refunds.look_again],
    "refund.failed": [refunds.meter_failed_refund, orders.on_refund_moved],
    "refund.fee_waits": [refunds.return_fee],
    "refund.requested": [refunds.send_refund],
    "refund.unknown": [mails.on_money_unknown],
    "refund.succeeded": [refunds.meter_refund, refunds.return_fee, orders.on_refund_moved],
    "security.alerted": [alert_letters.send_alerts],
    "shopper.code_asked": [mails.on_code_asked],
    "stripe.pull": [webhooks.pull_events, connections.renew_own_endpoint],
    "work.over": [people.forget_finished_work],
    "shop.opened": [plans.begin_billing, seeding.furnish_new_shop],
}

# What happens by the clock (UTC), once per slot: for the platform, or for the shops that keep a
# watch on it (kernel.outbox.keep_watch).
PERIODIC: list[Periodic] = [
    Periodic("leftovers.due", "23 * * * *", platform=True),
    Periodic("visitors.due", "41 3 * * *", in_batches=True),
    Periodic("retention.due", "17 4 * * *", in_batches=True),
    Periodic("work.over", "11 4 * * *", in_batches=True),
    Periodic("money.sweep", "37 * * * *", spread=timedelta(minutes=20)),
    Periodic("stripe.pull", "7 * * * *", spread=timedelta(minutes=40)),
]


def create_app(made: Settings | None = None) -> Flask:
    """The application with every room wired in; refuses to start half configured."""
    chosen = with_services(made or settings())
    use(chosen)
    import_models()
    log.configure(chosen.log_format)
    app = web.SheafFlask(__name__, find_host=resolve.find_host)
    configure(app, chosen)
    db.init_app(app)
    Migrate(app, db, directory="migrations", compare_type=True)
    jobs.install(SUBSCRIPTIONS)
    web.init_app(app)
    health.init_app(app)
    i18n.init_app(app)
    CSRFProtect(app)
    Mail(app)
    resolve.init_app(app)
    closed.init_app(app)
    visitors.init_app(app)
    register_faces(app)
    commands.register(app, PERIODIC)
    people_commands.register(app)
    seed_commands.register(app)
    doctor.register(app)
    with app.app_context():
        doctor.refuse_powerful_roles(db.engine)
    web.guard_views(app)
    check_policies(app)
    assets.init_app(app)
    if chosen.proxy_hops:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way
            app.wsgi_app, x_for=chosen.proxy_hops, x_proto=chosen.proxy_hops, x_host=0, x_port=0
        )
    return app


def import_models() -> None:
    """Know every table, so that keys between rooms resolve whichever face comes first."""
    for room in ("tenants", "billing", "storefront"):
        for path in sorted(ROOT.glob(f"{room}/**/models.py")):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def with_services(made: Settings) -> Settings:
    """URLs given are used; where none are, this machine's embedded servers are started."""
    if made.database_url and made.redis_url:
        return made
    if made.production:
        raise SettingsError("Production needs SHEAF_DATABASE_URL and SHEAF_REDIS_URL.")
    from kernel.embedded import ensure_services

    urls = ensure_services(made.instance)
    if not made.database_url:
        made = replace(
            made,
            database_url=urls.database_app,
            owner_database_url=urls.database_owner,
            staff_database_url=urls.database_staff,
            relay_database_url=urls.database_relay,
        )
    return made if made.redis_url else replace(made, redis_url=urls.redis)


def configure(app: Flask, made: Settings) -> None:
    """Flask's own settings, from ours."""
    engine = {
        "pool_pre_ping": True,
        "hide_parameters": True,
        "connect_args": {"connect_timeout": 5},  # seconds; a network may swallow everything
    }
    app.config.update(
        SECRET_KEY=made.secret_key,
        SECRET_KEY_FALLBACKS=list(made.secret_key_fallbacks),
        TESTING=made.env == "test",
        SQLALCHEMY_DATABASE_URI=made.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine | {"pool_size": made.database_pool},
        SQLALCHEMY_BINDS={
            "staff": engine | {"url": made.staff_database_url, "pool_size": 2},
            "relay": engine | {"url": made.relay_database_url, "pool_size": 1},
        },
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
        PREFERRED_URL_SCHEME=made.public_scheme,
        **mail_config(made),
    )
    app.session_interface = headers.FormCookie()
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals["csp_nonce"] = headers.csp_nonce
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def register_faces(app: web.SheafFlask) -> None:
    """Each face on its surface."""
    app.register_blueprint(site, subdomain="site")
    app.register_blueprint(account, subdomain="app")
    app.register_blueprint(backoffice, subdomain="app")
    console.init_app(app)
    app.register_blueprint(shop, subdomain="shop")
    app.register_blueprint(notices)
    app.register_blueprint(office_pictures, subdomain="app")
    app.register_blueprint(shop_pictures, subdomain="shop")
    if not settings().production:
        app.register_blueprint(mailbox, subdomain="site")
    app.register_blueprint(hooks, subdomain="site")
    app.extensions["csrf"].exempt(hooks)  # Stripe signs what it sends


def __getattr__(name: str) -> Flask:
    # `gunicorn wsgi:app` and `flask --app wsgi` find the app; importing this file starts nothing.
    if name == "app":
        globals()["app"] = made = create_app()
        return made
    raise AttributeError(name)

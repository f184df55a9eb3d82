"""Plans, metering, payments, refunds and the provider's events."""

import uuid

import sqlalchemy as sa
from alembic import op

from migrations.tables import (
    DAY,
    FLAG,
    ID,
    INT,
    JSON,
    TEXT,
    TIME,
    choice,
    col,
    cols,
    index,
    inside,
    platform_table,
    tenant_table,
    unique,
)
from migrations.tenancy import append_only, protect, share

revision = "0003"
down_revision = "0002"

# Monthly prices in minor units of (Grower, Harvest); Seed is free. A shop's currency is one of
# these, so that every sale has a plan to be rated by.
PRICES = {
    "AUD": (2900, 11900), "BRL": (9900, 39900), "CAD": (2700, 10900), "CHF": (1900, 7900),
    "CNY": (12900, 52900), "CZK": (45900, 189900), "DKK": (13900, 57900), "EUR": (1900, 7900),
    "GBP": (1700, 6900), "HKD": (15900, 65900), "JPY": (2900, 11900), "KRW": (27900, 115900),
    "MXN": (35900, 149900), "MYR": (8900, 36900), "NOK": (21900, 89900), "NZD": (3300, 13500),
    "PLN": (7900, 33900), "RON": (9500, 38900), "SEK": (21900, 89900), "SGD": (2700, 10900),
    "THB": (69900, 289900), "TWD": (64900, 259900), "USD": (1900, 7900), "VND": (499000, 1999000),
}  # fmt: skip
RATES = {"seed": 25_000, "grower": 15_000, "harvest": 8_000}
PUBLISHED_AT = sa.text("timestamptz '2026-01-01 00:00:00+00'")
PLATFORM_TABLES = ("ladder_bands", "plan_versions", "plans", "provider_accounts")
TENANT_TABLES = (
    "event_cursors", "provider_events", "refunds", "payments", "payment_connections",
    "ratings", "buckets", "usage_rejects", "usage_events", "periods", "segments",
    "subscriptions", "billing_accounts",
)  # fmt: skip
# What staff may read of a shop's payment settings: everything but the sealed columns.
OPEN_SETTINGS = [
    "tenant_id", "id", "mode", "at_pickup_enabled", "account_ref", "account_attempt", "country",
    "details_submitted", "charges_enabled", "payouts_enabled", "requirements", "disabled_reason",
    "checked_at", "deauthorized_at", "own_account_ref", "own_account_name", "own_key_hint",
    "own_key_failed_at", "own_endpoint_id", "own_webhook_ref", "updated_at",
]  # fmt: skip


def upgrade() -> None:
    """Tables first, then their guards, then the plans on sale."""
    make_plans()
    make_accounts()
    make_metering()
    make_connections()
    make_payments()
    make_inbox()
    guard_tables()
    put_plans_on_sale()


def make_plans() -> None:
    platform_table(
        "plans",
        col("code", TEXT),
        col("position", INT),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("position"),
    )
    platform_table(
        "plan_versions",
        col("plan_id", ID),
        col("n", INT),
        *cols(TEXT, "currency", "interval"),
        col("price_minor", INT),
        choice("ladder_basis", "ladderbasis", "period", "previous_period"),
        col("fixed_minor", INT),
        *cols(INT, "min_minor", "max_minor", null=True),
        col("flags", JSON),
        col("published_at", TIME),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"]),
        sa.UniqueConstraint("plan_id", "currency", "n"),
    )
    platform_table(
        "ladder_bands",
        col("plan_version_id", ID),
        col("k", INT),
        col("up_to_minor", INT, null=True),
        col("rate_ppm", INT),
        sa.ForeignKeyConstraint(["plan_version_id"], ["plan_versions.id"]),
        sa.UniqueConstraint("plan_version_id", "k"),
    )


def make_accounts() -> None:
    tenant_table(
        "billing_accounts",
        *cols(TEXT, "currency", "time_zone"),
        col("anchored_on", DAY),
        choice("state", "accountstate", "open", "held", "closed"),
        choice(
            "access_state", "accessstate", "current", "past_due", "grace", "restricted", "suspended"
        ),
        col("hold_reason", TEXT),
        col("opened_at", TIME),
        unique(),
    )
    tenant_table(
        "subscriptions",
        col("account_id", ID),
        choice("state", "subscriptionstate", "active", "ended"),
        col("trial_end", TIME, null=True),
        col("started_at", TIME),
        inside("account_id", "billing_accounts"),
        unique("account_id"),
    )
    tenant_table(
        "segments",
        *cols(ID, "subscription_id", "plan_version_id"),
        col("from_at", TIME),
        col("to_at", TIME, null=True),
        inside("subscription_id", "subscriptions"),
        unique("subscription_id", "from_at"),
    )
    tenant_table(
        "periods",
        col("account_id", ID),
        col("n", INT),
        *cols(TIME, "start_at", "end_at", "grace_end"),
        choice("state", "periodstate", "open", "closing", "closed"),
        col("cutoff_recorded_at", TIME, null=True),
        col("seal_hash", TEXT, null=True),
        inside("account_id", "billing_accounts"),
        unique("account_id", "n"),
        unique("account_id", "start_at"),
    )


def make_metering() -> None:
    tenant_table(
        "usage_events",
        col("account_id", ID),
        *cols(TEXT, "source", "source_key"),
        choice("kind", "usagekind", "sale", "refund", "refund_failed"),
        col("target_event_id", ID, null=True),
        col("payable_id", ID),
        col("amount_minor", INT),
        col("currency", TEXT),
        choice("collection", "collection", "at_charge", "in_arrears"),
        col("fee_minor", INT, null=True),
        col("collected_minor", INT),
        col("rate_ppm", INT, null=True),
        *cols(TIME, "occurred_at", "recorded_at"),
        col("payload", JSON),
        col("payload_hash", TEXT),
        inside("account_id", "billing_accounts"),
        inside("target_event_id", "usage_events"),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        unique("account_id", "source", "source_key"),
    )
    index("usage_events", "target_event_id")
    tenant_table(
        "usage_rejects",
        *cols(TEXT, "source", "source_key", "payload_hash"),
        col("raw", JSON),
        col("reason", TEXT),
        col("resolved_event_id", ID, null=True),
        col("recorded_at", TIME),
        inside("resolved_event_id", "usage_events"),
        unique("source", "source_key", "payload_hash"),
    )
    index("usage_rejects", "resolved_event_id")
    make_ratings()


def make_ratings() -> None:
    """Running totals per period, and how each event's fee came about."""
    tenant_table(
        "buckets",
        *cols(ID, "account_id", "period_id", "segment_id", "plan_version_id"),
        col("currency", TEXT),
        choice("collection", "collection", "at_charge", "in_arrears"),
        *cols(INT, "start_volume_minor", "net_volume_minor", "late_volume_minor", "fee_minor"),
        col("rating_count", INT),
        inside("account_id", "billing_accounts"),
        inside("period_id", "periods"),
        inside("segment_id", "segments"),
        unique(
            "account_id", "period_id", "segment_id", "currency", "collection",
            name="uq_buckets_identity",
        ),
    )  # fmt: skip
    index("buckets", "period_id")
    index("buckets", "segment_id")
    tenant_table(
        "ratings",
        col("event_id", ID, null=True),
        col("bucket_id", ID),
        *cols(INT, "seq", "volume_before_minor", "volume_after_minor", "ladder_minor"),
        *cols(INT, "fixed_minor", "clamp_delta_minor", "fee_minor", "collected_minor"),
        col("rate_ppm", INT, null=True),
        col("booked_period_id", ID),
        col("is_late", FLAG),
        col("rater_version", INT),
        col("recorded_at", TIME),
        inside("event_id", "usage_events"),
        inside("bucket_id", "buckets"),
        inside("booked_period_id", "periods"),
        unique("bucket_id", "seq"),
        unique("event_id"),
    )
    index("ratings", "booked_period_id")


def make_connections() -> None:
    tenant_table(
        "payment_connections",
        choice("mode", "connectionmode", "none", "connect", "own_keys"),
        col("at_pickup_enabled", FLAG),
        col("account_ref", TEXT, null=True),
        col("account_attempt", INT),
        col("country", TEXT),
        *cols(FLAG, "details_submitted", "charges_enabled", "payouts_enabled"),
        col("requirements", JSON),
        col("disabled_reason", TEXT, null=True),
        *cols(TIME, "checked_at", "deauthorized_at", null=True),
        col("own_account_ref", TEXT, null=True),
        col("own_account_name", TEXT),
        col("own_key_sealed", TEXT, null=True),
        col("own_key_hint", TEXT),
        col("own_key_failed_at", TIME, null=True),
        col("own_endpoint_id", ID, null=True),
        *cols(TEXT, "own_webhook_ref", "own_webhook_secret_sealed", null=True),
        col("updated_at", TIME),
        unique(),
    )
    platform_table(
        "provider_accounts",
        col("tenant_id", ID),
        choice("mode", "connectionmode", "none", "connect", "own_keys"),
        col("account_ref", TEXT),
        col("endpoint_id", ID, null=True),
        col("created_at", TIME),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.UniqueConstraint("endpoint_id"),
    )
    index("provider_accounts")
    op.create_index(
        "uq_provider_accounts_connected",
        "provider_accounts",
        ["account_ref"],
        unique=True,
        postgresql_where=sa.text("mode = 'connect'"),
    )


def make_payments() -> None:
    tenant_table(
        "payments",
        col("payable_id", ID),
        choice("method", "paymentmethod", "stripe", "at_pickup"),
        choice("channel", "connectionmode", "none", "connect", "own_keys"),
        col("account_ref", TEXT, null=True),
        col("amount_minor", INT),
        col("currency", TEXT),
        choice(
            "state", "paymentstate", "requested", "open", "processing", "failed", "expired",
            "succeeded",
        ),
        col("attempt", INT),
        col("attempted_at", TIME, null=True),
        *cols(TEXT, "session_ref", "url", null=True),
        col("session_expires_at", TIME, null=True),
        *cols(TEXT, "intent_ref", "charge_ref", "fee_ref", null=True),
        *cols(TEXT, "means", "last4", "last_error"),
        col("application_fee_minor", INT),
        col("fee_ppm", INT, null=True),
        col("plan_version_id", ID, null=True),
        col("refunded_minor", INT),
        col("recorded_by", ID, null=True),
        col("requested_at", TIME),
        *cols(TIME, "occurred_at", "abandoned_at", null=True),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint("refunded_minor BETWEEN 0 AND amount_minor", name="refunded"),
        sa.CheckConstraint("application_fee_minor BETWEEN 0 AND amount_minor", name="fee"),
        unique("session_ref"),
        unique("intent_ref"),
        unique("charge_ref"),
    )  # fmt: skip
    index("payments", "payable_id")
    index("payments", "state", "requested_at")
    tenant_table(
        "refunds",
        *cols(ID, "payment_id", "payable_id"),
        col("amount_minor", INT),
        *cols(TEXT, "currency", "reason"),
        col("requested_by", ID, null=True),
        choice("state", "refundstate", "requested", "pending", "succeeded", "failed"),
        col("attempt", INT),
        col("attempted_at", TIME, null=True),
        col("refund_ref", TEXT, null=True),
        col("failure", TEXT),
        *cols(INT, "fee_minor", "fee_returned_minor"),
        col("fee_refund_ref", TEXT, null=True),
        col("requested_at", TIME),
        *cols(TIME, "occurred_at", "succeeded_at", null=True),
        inside("payment_id", "payments"),
        sa.CheckConstraint("amount_minor > 0", name="amount"),
        sa.CheckConstraint("fee_minor BETWEEN 0 AND amount_minor", name="fee"),
        sa.CheckConstraint("fee_returned_minor BETWEEN 0 AND fee_minor", name="fee_returned"),
        unique("refund_ref"),
    )
    index("refunds", "payment_id")
    index("refunds", "payable_id")


def make_inbox() -> None:
    tenant_table(
        "provider_events",
        *cols(TEXT, "provider", "account_ref", "event_ref", "type", "object_kind", "object_ref"),
        col("api_version", TEXT),
        col("livemode", FLAG),
        *cols(TEXT, "source", "raw"),
        *cols(TIME, "happened_at", "received_at"),
        choice(
            "state", "providereventstate", "received", "done", "ignored", "refused", "unroutable"
        ),
        col("error", TEXT),
        col("done_at", TIME, null=True),
        unique("provider", "account_ref", "event_ref"),
    )
    index("provider_events", "state", "received_at")
    tenant_table(
        "event_cursors",
        col("account_ref", TEXT),
        col("pulled_until", TIME),
        unique("account_ref"),
    )


def guard_tables() -> None:
    """Grants and policies; plans are for reading, facts are for adding."""
    for table in TENANT_TABLES:
        if table in {"usage_events", "ratings"}:
            append_only(table)
        elif table == "payment_connections":
            protect(table, staff_columns=OPEN_SETTINGS)
        else:
            protect(table)
    share("provider_accounts")
    for table in ("plans", "plan_versions", "ladder_bands"):
        share(table, allow="SELECT")
        op.execute(
            f"CREATE TRIGGER keep_rows BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )


def put_plans_on_sale() -> None:
    """Flat plans: a ladder of one band."""
    for position, (code, ppm) in enumerate(RATES.items()):
        plan = uuid.uuid5(uuid.NAMESPACE_URL, f"sheaf:plan:{code}")
        op.execute(
            f"INSERT INTO plans (id, code, position) VALUES ('{plan}', '{code}', {position})"
        )
        for currency, prices in PRICES.items():
            version = uuid.uuid5(plan, f"{currency}:1")
            price = (0, *prices)[position]
            op.execute(
                "INSERT INTO plan_versions (id, plan_id, n, currency, interval, price_minor, "
                "ladder_basis, fixed_minor, flags, published_at) VALUES "
                f"('{version}', '{plan}', 1, '{currency}', 'month', {price}, 'period', 0, '{{}}', "
                f"{PUBLISHED_AT})"
            )
            op.execute(
                "INSERT INTO ladder_bands (id, plan_version_id, k, up_to_minor, rate_ppm) VALUES "
                f"('{uuid.uuid5(version, '0')}', '{version}', 0, NULL, {ppm})"
            )


def downgrade() -> None:
    """Take it back."""
    for table in (*TENANT_TABLES, *PLATFORM_TABLES):
        op.drop_table(table)

"""Names that are taken, from whose address a mail comes, and the clock that forgets."""

import sqlalchemy as sa
from alembic import op

from migrations.tables import ID, TEXT, col, platform_table
from migrations.tenancy import share

revision = "0011"
down_revision = "0010"

# As tenants.names.rules had it when this was written, as far as SQL can say it.
BESIDES = (
    r"\y(the|co-?operative|co-?op|e\.? ?v|e\.? ?g|ltd|inc|gmbh|llc|official|support|help|helpdesk|"
    r"team|service|services|security|billing|payment|payments|account|accounts|admin|staff|"
    r"customer care|no-?reply|shops?|online)\y\.?"
    r"|农民专业合作社|专业合作社|合作联社|合作社|有限责任公司|股份有限公司|有限公司|官方|客服|支付|付款|"
    r"安全|中心|团队|平台|商城|商店|小店|店铺|账户|账号"
)
CLAIM = f"""
INSERT INTO shop_names (id, tenant_id, look)
SELECT p.id, p.tenant_id, coalesce(nullif(short.look, ''), nullif(whole.look, ''), lower(p.name))
FROM shop_profiles p JOIN tenants t ON t.id = p.tenant_id,
LATERAL (SELECT replace(lower(translate(regexp_replace(
  regexp_replace(normalize(p.name, NFKD), '{BESIDES}', ' ', 'gi'), '[^[:alnum:]]+', '', 'g'
), 'I1|0O', 'llloo')), 'i', 'l') AS look) short,
LATERAL (SELECT replace(lower(translate(regexp_replace(
  normalize(p.name, NFKD), '[^[:alnum:]]+', '', 'g'), 'I1|0O', 'llloo')), 'i', 'l') AS look) whole
ORDER BY t.created_at ON CONFLICT DO NOTHING
"""
WATCH = """
INSERT INTO watches (id, tenant_id, topic, until)
SELECT gen_random_uuid(), tenant_id, 'retention.due', now() + interval '366 days'
FROM (SELECT tenant_id FROM mails UNION SELECT tenant_id FROM provider_events) known
"""
LOOKED_AT = ("shop_profiles", "mails", "provider_events", "watches")


def upgrade() -> None:
    """Shops that are there keep their names; of two alike the older one holds the claim. What
    they hold of mails and news begins to be forgotten."""
    platform_table(
        "shop_names",
        col("tenant_id", ID),
        col("look", TEXT),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"]),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_shop_names_tenant_id")),
        sa.UniqueConstraint("look", name=op.f("uq_shop_names_look")),
    )
    share("shop_names")
    for table in LOOKED_AT:  # the owner looks once
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(CLAIM)
    op.execute(WATCH)
    for table in LOOKED_AT:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.add_column("mails", sa.Column("from_address", sa.Text(), nullable=False, server_default=""))
    op.add_column("sign_ups", sa.Column("code_made_at", sa.DateTime(timezone=True)))
    op.execute("GRANT SELECT (from_address) ON mails TO sheaf_staff")


def downgrade() -> None:
    """Take it back."""
    op.execute("ALTER TABLE watches NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM watches WHERE topic = 'retention.due'")
    op.execute("ALTER TABLE watches FORCE ROW LEVEL SECURITY")
    op.drop_column("sign_ups", "code_made_at")
    op.drop_column("mails", "from_address")
    op.drop_table("shop_names")

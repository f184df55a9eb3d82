"""What the database itself must say about isolation, asked of its catalogue.

`flask doctor` and the rule tests ask the same questions. Every answer is a sentence about one
table, key, role or function; no sentence means that the second guard stands.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

CONDITION = "(tenant_id = (NULLIF(current_setting('app.tenant_id'::text, true), ''::text))::uuid)"
# Platform tables, and why each may stand outside row level security.
PLATFORM_TABLES = {
    "alembic_version": "which migrations ran",
    "tenants": "what a host resolves to, before anyone is acted for",
    "hostnames": "the same",
    "due_jobs": "ids only; policies of its own for the app and the relay",
    "heartbeats": "which of the platform's own processes are alive",
    "watches": "ids and times only; policies of its own for the app and the relay",
    "shop_names": "a name must differ from every other shop's",
    "people": "a person may work in several shops",
    "person_tenants": "which shops a person may enter; asked before any shop is acted for",
    "sign_ups": "no shop exists yet",
    "password_resets": "belong to people",
    "person_factors": "the same",
    "person_recovery_codes": "the same",
    "pending_sign_ins": "the same",
    "user_sessions": "the same",
    "throttle_counts": "counts per address or account, not per shop",
    "staff_members": "Sheaf's own people",
    "staff_recovery_codes": "the same",
    "plans": "what cooperatives can subscribe to; the same for everyone",
    "plan_versions": "the same",
    "ladder_bands": "the same",
    "provider_accounts": "which shop an event is for, before anyone is acted for",
}

UNGUARDED = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
"""
NO_TENANT = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT EXISTS (
  SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id')
"""
POLICIES = """
SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check
FROM pg_policies WHERE schemaname = 'public' ORDER BY tablename, policyname
"""
KEYS = """
SELECT c.relname, k.conname, k.contype,
  (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = k.conkey[1]),
  (SELECT f.relname FROM pg_class f WHERE f.oid = k.confrelid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
WHERE n.nspname = 'public' AND k.contype IN ('p', 'u', 'f')
"""
UNIQUE_INDEXES = """
SELECT c.relname, i.relname,
  (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = x.indkey[0])
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id'
WHERE n.nspname = 'public' AND x.indisunique
"""
LEAKY_TYPES = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_attribute own ON own.attrelid = c.oid AND own.attname = 'tenant_id'
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
AND (t.typtype = 'e' OR t.typname IN ('numeric', 'float4', 'float8', 'money')
  OR a.attidentity <> '' OR pg_get_serial_sequence(c.relname, a.attname) IS NOT NULL)
"""
DEFINERS = """
SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'public' AND p.prosecdef
"""
VIEWS = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND (c.relkind = 'm' OR (c.relkind = 'v'
  AND NOT coalesce('security_invoker=true' = ANY (c.reloptions), false)))
"""
ROLES = """
SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
  (SELECT count(*) FROM pg_class WHERE relowner = r.oid)
  + (SELECT count(*) FROM pg_proc WHERE proowner = r.oid)
FROM pg_roles r WHERE rolname IN ('sheaf_app', 'sheaf_staff', 'sheaf_relay')
"""
GRANTS = """
SELECT grantee, table_name, privilege_type FROM information_schema.role_table_grants
WHERE table_schema = 'public' AND grantee IN ('sheaf_app', 'sheaf_staff', 'sheaf_relay', 'PUBLIC')
"""
ROW_RIGHTS = {"SELECT", "INSERT", "UPDATE", "DELETE"}
# The relay and the clock see every tenant's rows of these, the app its own.
OWN_POLICIES = {"due_jobs", "watches"}
SHARED = {"alembic_version", "heartbeats"}


def problems(connection: Connection) -> list[str]:
    """Every way in which the database does not hold the tenants apart; empty when it does."""
    return [
        *_tables(connection),
        *_policies(connection),
        *_keys(connection),
        *_shapes(connection),
        *role_problems(connection),
        *_grants(connection),
    ]


def _names(connection: Connection, query: str) -> Iterable[str]:
    return (str(row[0]) for row in connection.exec_driver_sql(query))


def _tables(connection: Connection) -> Iterable[str]:
    for name in _names(connection, UNGUARDED):
        if name not in PLATFORM_TABLES:
            yield f"{name}: row level security is not forced"
    for name in _names(connection, NO_TENANT):
        if name not in PLATFORM_TABLES:
            yield f"{name}: belongs to no tenant and is not a platform table"


def _policies(connection: Connection) -> Iterable[str]:
    found: dict[str, list[tuple[str, str]]] = {}
    for table, name, kind, roles, command, using, check in connection.exec_driver_sql(POLICIES):
        if table in OWN_POLICIES:
            continue
        found.setdefault(table, []).append((kind, roles))
        if command != "ALL" or using != CONDITION or check != CONDITION:
            yield f"{table}: policy {name} has another condition"
    wanted = [("PERMISSIVE", "{sheaf_app}"), ("RESTRICTIVE", "{public}")]
    for table, policies in found.items():
        if sorted(policies) != wanted:
            yield f"{table}: policies are {policies}"


def _keys(connection: Connection) -> Iterable[str]:
    for table, name, _kind, first, target in connection.exec_driver_sql(KEYS):
        if target in PLATFORM_TABLES:
            continue  # what is the same for everyone can be named by everyone
        if first != "tenant_id" and table not in PLATFORM_TABLES:
            yield f"{table}: key {name} does not start with tenant_id"
    for table, name, first in connection.exec_driver_sql(UNIQUE_INDEXES):
        if first != "tenant_id" and table not in PLATFORM_TABLES:
            yield f"{table}: unique index {name} does not start with tenant_id"


def _shapes(connection: Connection) -> Iterable[str]:
    for table, column, kind in connection.exec_driver_sql(LEAKY_TYPES):
        yield f"{table}.{column}: {kind} is not for a tenant's table"
    for name in _names(connection, DEFINERS):
        yield f"{name}(): runs with its owner's rights"
    for name in _names(connection, VIEWS):
        yield f"{name}: a view that looks with its owner's rights"


def role_problems(connection: Connection) -> Iterable[str]:
    """Whether a role of ours could go past the policies."""
    for name, superuser, bypass, makes_roles, makes_databases, owned in connection.exec_driver_sql(
        ROLES
    ):
        if superuser or makes_roles or makes_databases:
            yield f"{name}: has rights over the server"
        if bypass and name != "sheaf_staff":
            yield f"{name}: bypasses row level security"
        if owned:
            yield f"{name}: owns {owned} objects"


def _grants(connection: Connection) -> Iterable[str]:
    for role, table, right in connection.exec_driver_sql(GRANTS):
        if role == "PUBLIC":
            yield f"{table}: granted to everyone"
        if right not in ROW_RIGHTS:
            yield f"{table}: {role} may {right}"
        if role == "sheaf_staff" and right != "SELECT":
            yield f"{table}: staff may {right}"
        if role == "sheaf_relay" and table not in {*OWN_POLICIES, *SHARED}:
            yield f"{table}: the relay may {right}"

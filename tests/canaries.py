"""Marks of the neighbour: words found nowhere else, in every place where a person of theirs writes.

A page, header or log line of anybody else that holds one of them has shown the neighbour's row.
"""

from uuid import UUID

import psycopg

MARK = "zzcanary"
# Columns of text with a form of their own: a mark there would only stop the row from being read.
FORMS = {
    "action": "a word of the code",
    "actor_kind": "the same",
    "api_version": "as Stripe writes it",
    "code_hash": "compared, never shown",
    "currency": "a code of ISO 4217",
    "hash": "part of the audit's chain",
    "interval": "a word of Stripe's",
    "language": "en or zh",
    "languages": "en or zh",
    "name": "a handler's name, in jobs only",
    "own_key_sealed": "opened with a key",
    "own_webhook_secret_sealed": "the same",
    "password_hash": "read by argon2",
    "previous": "part of the audit's chain",
    "seal_hash": "part of a period's chain",
    "sha256": "names the file of a picture",
    "theme": "one of six",
    "accent": "one of seven",
    "time_zone": "a name of the IANA data base",
    "token_hash": "compared, never shown",
    "topic": "a word of the code",
    "totp_secret": "opened with a key",
}
ONLY_THERE = {"name": {"jobs"}}
# Texts that are read as JSON, and the key of theirs that a person fills.
JSON = {"body": "reason", "raw": "note"}
PREFIXES = {"account_ref": "acct_", "own_account_ref": "acct_"}
COLUMNS = """
SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
WHERE c.table_schema = 'public' AND c.data_type IN ('text', 'jsonb') AND EXISTS (
  SELECT FROM information_schema.columns o WHERE o.table_schema = 'public'
  AND o.table_name = c.table_name AND o.column_name = 'tenant_id')
ORDER BY 1, 2
"""


def mark(table: str, column: str) -> str:
    """The word that stands in this column of the neighbour's rows; holds letters only."""
    return "".join(part for part in f"{MARK}{table}{column}" if part.isalpha())


def plant(admin: psycopg.Connection, tenant_id: UUID, people: list[UUID]) -> dict[str, str]:
    """Every text of the tenant and of these people is a mark now; says which stands where."""
    planted = {}
    admin.execute("SET session_replication_role = replica")  # some rows are written only once
    for table, column, kind in admin.execute(COLUMNS).fetchall():
        if column in FORMS and table in ONLY_THERE.get(column, {table}):
            continue
        word = mark(table, column)
        planted[f"{table}.{column}"] = word
        value = _value(word, column, kind)
        admin.execute(
            f'UPDATE "{table}" SET "{column}" = {value} WHERE tenant_id = %s', [tenant_id]
        )
    admin.execute("SET session_replication_role = DEFAULT")
    admin.execute("UPDATE tenants SET state_reason = %s WHERE id = %s", [MARK, tenant_id])
    for person in people:
        admin.execute(
            "UPDATE people SET name = %s, email = %s WHERE id = %s",
            [f"{MARK}person", f"{MARK}{person.hex}@example.org", person],
        )
    return planted


def _value(word: str, column: str, kind: str) -> str:
    """In SQL. Unique columns keep telling rows apart: by the id, whose digits no other text has."""
    if kind == "jsonb":
        return f"jsonb_build_object('{word}', '{word}')"
    if column in JSON:
        return f"({column}::jsonb || jsonb_build_object('{JSON[column]}', '{word}'))::text"
    return f"'{PREFIXES.get(column, '')}{word}' || replace(id::text, '-', '')"


def seen_in(text: str) -> list[str]:
    """The marks in a text, each with what follows it."""
    found, rest = [], text.lower()
    while MARK in rest:
        _, _, rest = rest.partition(MARK)
        found.append(MARK + rest[:40])
    return found

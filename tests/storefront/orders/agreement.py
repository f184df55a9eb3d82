"""What must agree whatever happened, read past every guard with the superuser's SQL."""

from typing import Any

import psycopg

from billing.sandbox import Sandbox

Rows = list[tuple[Any, ...]]


def rows(admin: psycopg.Connection, sql: str) -> Rows:
    return admin.execute(sql).fetchall()


# Each query finds what contradicts itself; none may ever find anything.
ALWAYS = {
    "what was put in stock is left, held or sold": """
        SELECT p.id, p.stock_milli, h.taken, s.put FROM products p
        JOIN stocked s ON s.product_id = p.id
        LEFT JOIN (SELECT product_id, sum(quantity_milli) taken FROM stock_holds
                   WHERE state <> 'released' GROUP BY product_id) h ON h.product_id = p.id
        WHERE p.stock_milli + coalesce(h.taken, 0) <> s.put""",
    "an order's stock is as its state": """
        SELECT o.number, o.state, h.state FROM orders o JOIN order_lines l ON l.order_id = o.id
        LEFT JOIN stock_holds h ON h.reference = o.hold_ref AND h.product_id = l.product_id
        WHERE h.quantity_milli IS DISTINCT FROM l.ordered_milli OR h.state <> CASE o.state
            WHEN 'collected' THEN 'sold' WHEN 'cancelled' THEN 'released'
            WHEN 'to_decide' THEN 'released' ELSE 'held' END
        AND NOT (o.state = 'awaiting_payment' AND o.held_until < now())""",
    "nothing is held for nobody": """
        SELECT h.id FROM stock_holds h LEFT JOIN orders o ON o.hold_ref = h.reference
        WHERE o.id IS NULL AND h.state <> 'released'""",
    "an order is the sum of its lines": """
        SELECT o.number FROM orders o JOIN order_lines l ON l.order_id = o.id
        GROUP BY o.id, o.number, o.total_minor HAVING sum(l.sum_minor) <> o.total_minor""",
    "numbers have no holes": """
        SELECT tenant_id FROM orders GROUP BY tenant_id
        HAVING max(number) - min(number) + 1 <> count(*) OR min(number) <> 1001""",
    "what is shown as paid was paid": """
        SELECT o.number FROM orders o WHERE o.paid_state <> 'unpaid' AND NOT EXISTS
            (SELECT FROM payments p WHERE p.payable_id = o.id AND p.state = 'succeeded')""",
    "nobody gets back more than they paid": """
        SELECT p.id FROM payments p LEFT JOIN (SELECT payment_id, sum(amount_minor) back
            FROM refunds WHERE state <> 'failed' GROUP BY payment_id) r ON r.payment_id = p.id
        WHERE p.refunded_minor <> coalesce(r.back, 0) OR p.refunded_minor > p.amount_minor""",
    "nothing is charged that was not ordered": """
        SELECT p.id FROM payments p LEFT JOIN orders o ON o.id = p.payable_id
        WHERE o.id IS NULL OR p.amount_minor <> o.total_minor""",
    "a fee is counted for money that moved only": """
        SELECT u.source_key FROM usage_events u WHERE u.kind = 'sale' AND NOT EXISTS
            (SELECT FROM payments p WHERE p.payable_id = u.payable_id AND p.state = 'succeeded'
             AND p.amount_minor = u.amount_minor)""",
    "money in hand names who took it": """
        SELECT id FROM payments WHERE method = 'at_pickup' AND state = 'succeeded'
        AND recorded_by IS NULL""",
    "the audit tells of every turn of an order, once": """
        SELECT e.order_id, e.kind FROM order_events e
        LEFT JOIN audit_entries a ON a.subject = e.order_id::text AND a.action = 'order.' || e.kind
        WHERE e.kind IN ('placed', 'paid', 'ready', 'collected', 'cancelled', 'refunded')
        GROUP BY e.order_id, e.kind, e.tenant_id
        HAVING count(DISTINCT a.id) <> count(DISTINCT e.id)""",
}

# Once all news has arrived and all work is done, these are empty as well.
AT_REST = {
    "money that arrived is known to its order": """
        SELECT o.number, o.state FROM orders o JOIN payments p ON p.payable_id = o.id
        WHERE p.state = 'succeeded'
        AND (o.paid_state = 'unpaid' OR o.state = 'awaiting_payment')""",
    "nothing is kept for an order that is over": """
        SELECT o.number FROM orders o JOIN payments p ON p.payable_id = o.id
        WHERE o.state = 'cancelled' AND p.state = 'succeeded'
        AND p.refunded_minor <> p.amount_minor""",
    "an order shows how much came back": """
        SELECT o.number, o.paid_state FROM orders o
        JOIN payments p ON p.payable_id = o.id AND p.state = 'succeeded'
        LEFT JOIN (SELECT payable_id, sum(amount_minor) back FROM refunds
                   WHERE state = 'succeeded' GROUP BY payable_id) r ON r.payable_id = o.id
        WHERE o.paid_state <> CASE WHEN coalesce(r.back, 0) = 0 THEN 'paid'
            WHEN r.back < p.amount_minor THEN 'part_refunded' ELSE 'refunded' END""",
    "an order whose payment died is over": """
        SELECT o.number FROM orders o WHERE o.state = 'awaiting_payment' AND NOT EXISTS
            (SELECT FROM payments p WHERE p.payable_id = o.id
             AND p.state IN ('requested', 'open', 'waiting', 'processing'))""",
    "each payment and each refund was counted once": """
        SELECT 'sale' FROM (SELECT count(*) FROM payments WHERE state = 'succeeded') p(n),
            (SELECT count(*) FROM usage_events WHERE kind = 'sale') u(n) WHERE p.n <> u.n
        UNION ALL
        SELECT 'refund' FROM (SELECT count(*) FROM refunds WHERE state = 'succeeded') p(n),
            (SELECT count(*) FROM usage_events WHERE kind = 'refund') u(n) WHERE p.n <> u.n""",
    "fees follow the money": """
        SELECT b.id FROM buckets b LEFT JOIN (SELECT bucket_id, sum(fee_minor) fee FROM ratings
            GROUP BY bucket_id) r ON r.bucket_id = b.id WHERE b.fee_minor <> coalesce(r.fee, 0)""",
    "nothing was rejected, refused or given up": """
        SELECT 'usage' FROM usage_rejects UNION ALL
        SELECT error FROM provider_events WHERE state = 'refused' UNION ALL
        SELECT name FROM jobs WHERE state = 'dead'""",
}


def contradictions(admin: psycopg.Connection, *, at_rest: bool) -> dict[str, Rows]:
    """What does not agree, by the sentence it breaks."""
    asked = ALWAYS | (AT_REST if at_rest else {})
    found = {sentence: rows(admin, sql) for sentence, sql in asked.items()}
    return {sentence: wrong for sentence, wrong in found.items() if wrong}


def ours(admin: psycopg.Connection) -> dict[str, int]:
    """What our tables say has moved at Stripe, in minor units."""
    taken = rows(
        admin,
        "SELECT coalesce(sum(amount_minor), 0), coalesce(sum(application_fee_minor), 0)"
        " FROM payments WHERE method = 'stripe' AND state = 'succeeded'",
    )[0]
    back = rows(
        admin,
        "SELECT coalesce(sum(r.amount_minor), 0), coalesce(sum(r.fee_returned_minor), 0)"
        " FROM refunds r JOIN payments p ON p.id = r.payment_id"
        " WHERE p.method = 'stripe' AND r.state = 'succeeded'",
    )[0]
    return {
        "captured": int(taken[0]), "fees": int(taken[1]),
        "refunded": int(back[0]), "fees_returned": int(back[1]),
    }  # fmt: skip


def theirs(sandbox: Sandbox, account: str) -> dict[str, int]:
    """What Stripe's own record says, in minor units."""
    totals = sandbox.record()["totals"].get(account, {}).get("eur", {})
    names = ("captured", "fees", "refunded", "fees_returned")
    return {name: int(totals.get(name, 0)) for name in names}

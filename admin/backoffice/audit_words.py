"""What entries of the history are called by the people of a shop."""

from flask_babel import gettext

from kernel.errors import N_
from kernel.i18n import money_text
from kernel.money import Money
from kernel.quantity import decimal_quantity
from tenants.audit.queries import Recorded
from tenants.people.rules import Role
from tenants.signin.words import role_words

ABOUT = {
    "order": N_("Orders"), "product": N_("Products"), "stock": N_("Stock"),
    "category": N_("Categories"), "photo": N_("Pictures"), "point": N_("Pick-up points"),
    "payments": N_("Payments"), "dispute": N_("Disputes"),
    "person": N_("People"), "shop": N_("Settings"),
}  # fmt: skip
ACTIONS = {
    "category.created": N_("Made a category"),
    "category.moved": N_("Moved a category"),
    "category.removed": N_("Removed a category"),
    "category.renamed": N_("Renamed a category"),
    "dispute.closed": N_("A bank's question about a payment came to nothing"),
    "dispute.lost": N_("Lost a dispute about a payment"),
    "dispute.moved": N_("A dispute about a payment went on"),
    "dispute.opened": N_("A bank claimed a payment back"),
    "dispute.won": N_("Won a dispute about a payment"),
    "order.cancelled": N_("Cancelled an order"),
    "order.collected": N_("Handed an order over"),
    "order.handed_back": N_("Handed money back"),
    "order.moved": N_("Moved an order to another day"),
    "order.paid": N_("Took the money for an order"),
    "order.payment_failed": N_("A payment failed"),
    "order.placed": N_("Placed an order"),
    "order.ready": N_("Marked an order ready"),
    "order.refund_failed": N_("A refund failed"),
    "order.refund_requested": N_("Gave money back"),
    "order.refunded": N_("Money went back"),
    "order.settled": N_("Settled a failed refund in another way"),
    "order.stock_released": N_("Put products of a slow payment on sale again"),
    "order.went_on": N_("Went on although the money is in question"),
    "payments.account_opened": N_("Began to connect Stripe"),
    "payments.at_pickup_changed": N_("Changed payment at pick-up"),
    "payments.mode_chosen": N_("Chose how online payments arrive"),
    "payments.own_key_removed": N_("Removed the shop's own Stripe key"),
    "payments.own_key_works_again": N_("The shop’s own Stripe key works again"),
    "payments.own_key_saved": N_("Saved the shop's own Stripe key"),
    "person.invitation_revoked": N_("Took an invitation back"),
    "person.invited": N_("Invited someone"),
    "person.joined": N_("Joined the shop"),
    "person.removed": N_("Removed someone from the shop"),
    "person.role_changed": N_("Changed someone's role"),
    "photo.added": N_("Added a picture"),
    "photo.described": N_("Described a picture"),
    "photo.moved": N_("Moved a picture"),
    "photo.removed": N_("Removed a picture"),
    "point.closed_on": N_("Closed a pick-up point on a day"),
    "point.created": N_("Made a pick-up point"),
    "point.edited": N_("Changed a pick-up point"),
    "point.closed": N_("Closed a pick-up point"),
    "point.opened": N_("Opened a pick-up point"),
    "point.reopened_on": N_("Opened a pick-up point on a day"),
    "product.created": N_("Made a product"),
    "product.edited": N_("Changed a product"),
    "product.priced": N_("Changed a price"),
    "product.published": N_("Put a product on sale"),
    "product.unpublished": N_("Took a product off sale"),
    "product.archived": N_("Archived a product"),
    "samples.removed": N_("Removed the sample products"),
    "shop.changed": N_("Changed the settings"),
    "shop.closed": N_("Closed the shop"),
    "shop.cover_changed": N_("Changed the cover picture"),
    "shop.logo_changed": N_("Changed the logo"),
    "shop.opened": N_("Opened the shop"),
    "shop.resumed": N_("Resumed the shop"),
    "shop.suspended": N_("Suspended the shop"),
    "stock.counted": N_("Counted stock"),
}


def action_words(entry: Recorded) -> str:
    """What was done, or its plain name where nobody has written words for it."""
    words = ACTIONS.get(entry.action)
    return str(gettext(words)) if words else entry.action.replace(".", ": ").replace("_", " ")


def actor_words(entry: Recorded) -> str:
    """Who did it."""
    if entry.actor_kind == "staff":
        return str(gettext("Sheaf (%(name)s)", name=entry.actor_name or "?"))
    if entry.actor_kind == "shopper":
        return str(gettext("A shopper"))
    return entry.actor_name or str(gettext("Sheaf, by itself"))


def detail_words(entry: Recorded, currency: str) -> str:
    """The facts of an entry as people read them; those nobody has words for are left out."""
    facts = entry.facts
    shown = []
    if "price_before" in facts and facts["price_before"] != facts["price_after"]:
        before, after = (Money(facts[f"price_{when}"], currency) for when in ("before", "after"))
        shown.append(f"{money_text(before)} → {money_text(after)}")
    if "milli_before" in facts:
        before_and_after = (
            decimal_quantity(facts[f"milli_{when}"]) for when in ("before", "after")
        )
        shown.append(" → ".join(str(amount) for amount in before_and_after))
    if "amount_minor" in facts:
        shown.append(money_text(Money(facts["amount_minor"], currency)))
    if "role" in facts:
        roles = [facts["before"]] if "before" in facts else []
        shown.append(" → ".join(role_words(Role(role)) for role in [*roles, facts["role"]]))
    shown += [str(facts[name]) for name in ("day", "count", "hint") if name in facts]
    return " · ".join(shown)

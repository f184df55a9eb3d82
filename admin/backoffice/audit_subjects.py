"""What entries of the history are about, by the names people use, with links where one may look."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from flask import g, url_for
from flask_babel import gettext

from kernel.i18n import language
from storefront.catalog.queries import products_by_id
from storefront.orders.queries import list_order_numbers
from tenants.audit.queries import Recorded
from tenants.people.queries import list_names
from tenants.people.rules import Permission

ABOUT_PRODUCTS = {"product", "stock", "photo"}


@dataclass(frozen=True)
class Subject:
    """The name of a thing or person, and its page if this person may open it."""

    words: str
    url: str = ""


def name_subjects(entries: Iterable[Recorded]) -> dict[str, Subject]:
    """Names by id, three look-ups at most; what has no name is left out."""
    ids: dict[str, set[UUID]] = {"order": set(), "product": set(), "person": set()}
    for entry in entries:
        kind = entry.action.partition(".")[0]
        kind = "product" if kind in ABOUT_PRODUCTS else kind
        kind = "order" if kind == "dispute" else kind
        if kind in ids and len(entry.subject) == len(str(UUID(int=0))):
            ids[kind].add(UUID(entry.subject))
    return _orders(ids["order"]) | _products(ids["product"]) | _people(ids["person"])


def _orders(ids: set[UUID]) -> dict[str, Subject]:
    numbers = list_order_numbers(ids) if ids else {}
    return {
        str(order_id): Subject(
            gettext("No. %(number)s", number=number),
            url_for("backoffice.show_order", number=number),
        )
        for order_id, number in numbers.items()
    }


def _products(ids: set[UUID]) -> dict[str, Subject]:
    may_edit = g.member.can(Permission.EDIT_PRODUCTS)
    return {
        str(found.id): Subject(
            found.name_in(language()),
            url_for("backoffice.show_product", product_id=found.id) if may_edit else "",
        )
        for found in (products_by_id(ids).values() if ids else [])
    }


def _people(ids: set[UUID]) -> dict[str, Subject]:
    return {str(person_id): Subject(name) for person_id, name in list_names(ids).items()}

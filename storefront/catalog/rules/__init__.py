"""How names become addresses, search words and an order in lists. No database."""

from storefront.catalog.rules.facts import ProductFacts, check_facts, check_price
from storefront.catalog.rules.naming import Names, make_slug, sort_key
from storefront.catalog.rules.searching import search_query, search_terms

__all__ = [
    "Names", "ProductFacts", "check_facts", "check_price", "make_slug", "search_query",
    "search_terms", "sort_key",
]  # fmt: skip

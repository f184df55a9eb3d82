"""What every page of the shop shows around its content."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask import g, request
from markupsafe import Markup

from kernel.i18n import language
from kernel.scope import current_tenant_id
from storefront.pickup.queries import OpenPlace, list_open_places
from storefront.shop import shop
from storefront.shop.visitor import current_cart
from tenants.accounts.models import ShopProfile, TenantState
from tenants.accounts.queries import shop_origin
from tenants.accounts.rich_text import render_markdown
from tenants.media.queries import picture_path
from tenants.resolve import current_match

TAGLINE = 120


@dataclass(frozen=True)
class Photo:
    """A picture in the widths that browsers may choose from."""

    src: str
    srcset: str
    alt: str


@dataclass(frozen=True)
class ShopHere:
    """The cooperative as its shoppers see it, in the language of the page."""

    profile: ShopProfile

    @property
    def name(self) -> str:
        return self.profile.name

    @property
    def theme(self) -> str:
        return self.profile.theme

    @property
    def accent(self) -> str:
        return self.profile.accent

    @property
    def currency(self) -> str:
        return self.profile.currency

    @property
    def contact_email(self) -> str:
        return self.profile.contact_email

    @property
    def contact_phone(self) -> str:
        return self.profile.contact_phone

    @property
    def notice(self) -> str:
        """What shoppers should know before anything else, or nothing."""
        zh, en = self.profile.notice_zh, self.profile.notice_en
        return (zh or en) if language() == "zh" else (en or zh)

    @property
    def about(self) -> str:
        """What the cooperative says about itself, as written."""
        zh, en = self.profile.about_zh, self.profile.about_en
        return (zh or en) if language() == "zh" else (en or zh)

    @property
    def about_html(self) -> Markup:
        """The same as safe HTML."""
        return render_markdown(self.about)

    @property
    def tagline(self) -> str:
        """The first line of what the cooperative says about itself, without its marks."""
        first = self.about.strip().partition("\n")[0].lstrip("# ").replace("**", "").strip()
        return first if len(first) <= TAGLINE else ""

    @property
    def logo_url(self) -> str | None:
        return picture_path(self.profile.logo_id, 320) if self.profile.logo_id else None

    @property
    def cover(self) -> Photo | None:
        return photo_of(self.profile.cover_id) if self.profile.cover_id else None

    @property
    def url(self) -> str:
        """The shop's own address, from what is stored, never from the request."""
        if "shop_origin" not in g:
            g.shop_origin = shop_origin(current_tenant_id())
        return str(g.shop_origin)


@dataclass(frozen=True)
class NextPickup:
    """The soonest day that an order placed now can be collected."""

    day: date
    place_name: str
    order_by: datetime


def photo_of(media_id: UUID, alt: str = "") -> Photo:
    """A stored picture for an <img>."""
    widths = (320, 640, 1280)
    return Photo(
        src=picture_path(media_id, 640),
        srcset=", ".join(f"{picture_path(media_id, width)} {width}w" for width in widths),
        alt=alt,
    )


def sells_here() -> bool:
    """Whether the shop of this host is open, as its host said."""
    match = current_match()
    return match is None or match.state == TenantState.ACTIVE


def is_fragment() -> bool:
    """Whether the browser wants a part of the page only."""
    return request.headers.get("HX-Request") == "true"


def open_places() -> list[OpenPlace]:
    """Where and when can be collected, read once per request."""
    if "places" not in g:
        g.places = list_open_places()
    places: list[OpenPlace] = g.places
    return places


def next_pickup() -> NextPickup | None:
    """The soonest day of all places."""
    soonest = min(open_places(), key=lambda place: place.days[0], default=None)
    if soonest is None:
        return None
    day = soonest.days[0]
    return NextPickup(day.date, soonest.point.name_in(language()), day.cut_off)


@shop.context_processor
def around_the_page() -> dict[str, object]:
    """The shop, the next pick-up and what the cart comes to; nothing for what is refused before
    the shop is known, such as a form without its token."""
    if "profile" not in g:
        return {}
    cart, selling = current_cart(), sells_here()
    return {
        "shop": ShopHere(g.profile),
        "selling": selling,
        "next_pickup": None if is_fragment() or not selling else next_pickup(),
        "cart_count": cart.count,
        "cart_total": cart.total,
    }

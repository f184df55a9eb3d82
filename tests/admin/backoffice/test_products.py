"""The pages on which a cooperative says what it sells."""

import re
from io import BytesIO
from uuid import UUID

import pytest
from sqlalchemy import select

from kernel.db import db, new_id
from kernel.quantity import Unit
from kernel.scope import acting_for
from storefront.catalog.models import Product, ProductState
from storefront.catalog.queries import count_products, get_own_product
from storefront.catalog.services import attach_photo, hold_stock
from tenants.accounts.models import Tenant
from tenants.audit.models import AuditEntry
from tests.conftest import Browser
from tests.factories.pictures import picture
from tests.factories.storefront import make_category, make_product, stock_left
from tests.statements import statements

HTMX = {"HX-Request": "true"}
TYPED = {
    "name_en": "Red apples", "name_zh": "红苹果", "text_en": "**Crisp**", "text_zh": "",
    "grower": "Orchard Müller", "category": "", "unit": "kg", "price": "3,50", "step": "0.25",
    "stock": "12.5",
}  # fmt: skip


def typed_for(product: Product, **changes: str) -> dict[str, str]:
    seen = {"seen": str(product.stock_milli), "version": str(product.version)}
    return TYPED | {"stock": "100"} | seen | changes


def own(tenant: Tenant, product_id: UUID) -> Product:
    with acting_for(tenant.id):
        return get_own_product(product_id)


def done(tenant: Tenant) -> list[str]:
    with acting_for(tenant.id):
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    return [f"{entry.actor_name} {entry.action}" for entry in entries]


def test_a_new_product_goes_into_the_shop_with_its_photo(
    ana: Browser, shopper: Browser, greenfield: Tenant
) -> None:
    answer = ana.post(
        "/greenfield/products/new",
        data=TYPED | {"published": "y", "photo": (picture(), "IMG_1.jpg")},
    )

    assert answer.status_code == 303
    product = own(greenfield, UUID(answer.location.rpartition("/")[2]))
    assert (product.name_zh, product.price_minor, product.step_milli) == ("红苹果", 350, 250)
    assert (product.stock_milli, product.slug, product.state) == (12_500, "red-apples", "published")
    assert len(product.photos) == 1
    assert "Ana product.created" in done(greenfield)
    assert "红苹果" in ana.get(answer.location).text


def test_a_product_without_consent_to_publish_stays_a_draft(
    ana: Browser, greenfield: Tenant
) -> None:
    ana.post("/greenfield/products/new", data=TYPED)

    with acting_for(greenfield.id):
        assert count_products()[ProductState.DRAFT] == 1


def test_a_file_that_is_no_picture_does_not_lose_the_product(
    ana: Browser, greenfield: Tenant
) -> None:
    data = TYPED | {"photo": (BytesIO(b"<svg onload=alert(1)>"), "x.svg")}

    answer = ana.post("/greenfield/products/new", data=data, follow_redirects=True)

    assert "cannot read this file" in answer.text
    with acting_for(greenfield.id):
        assert sum(count_products().values()) == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name_en": " ", "name_zh": ""}, "at least one language"),
        ({"price": "0"}, "above zero"),
        ({"price": "3.505"}, "Enter an amount"),
        ({"price": ""}, "Enter a price"),
        ({"price": "9999999999"}, "lower price"),
        ({"step": "0"}, "above zero"),
        ({"step": "a"}, "Enter a quantity"),
        ({"stock": "-1"}, "Enter a quantity"),
        ({"unit": "each", "step": "0.5"}, "whole"),
        ({"unit": "tonne"}, "Not a valid choice"),
        ({"category": str(new_id())}, "Not a valid choice"),
        ({"name_en": "x" * 121}, "at most 120"),
    ],
)
def test_what_cannot_be_sold_is_refused_and_kept_as_typed(
    ana: Browser, greenfield: Tenant, changed: dict[str, str], words: str
) -> None:
    answer = ana.post("/greenfield/products/new", data=TYPED | changed)

    assert answer.status_code == 422
    assert words in answer.text
    assert "**Crisp**" in answer.text
    assert "Error:" in answer.text
    with acting_for(greenfield.id):
        assert sum(count_products().values()) == 0


def test_saving_changes_everything_but_the_address(ana: Browser, greenfield: Tenant) -> None:
    fruit = make_category(greenfield)
    kale = make_product(greenfield, "Kale")

    answer = ana.post(
        f"/greenfield/products/{kale.id}",
        data=typed_for(kale, category=str(fruit.id), stock="7"),
    )

    assert answer.status_code == 303
    saved = own(greenfield, kale.id)
    assert (saved.name_en, saved.slug, saved.stock_milli) == ("Red apples", "kale", 7000)
    assert saved.category_id == fruit.id
    assert saved.state is ProductState.PUBLISHED


def test_a_colleagues_change_is_not_overwritten(ana: Browser, greenfield: Tenant) -> None:
    kale = make_product(greenfield, "Kale")
    ana.post(f"/greenfield/products/{kale.id}", data=typed_for(kale))

    answer = ana.post(f"/greenfield/products/{kale.id}", data=typed_for(kale, name_en="Late"))

    assert answer.status_code == 409
    assert 'value="Late"' in answer.text
    assert own(greenfield, kale.id).name_en == "Red apples"


def test_a_sale_while_typing_keeps_its_stock(ana: Browser, greenfield: Tenant) -> None:
    kale = make_product(greenfield, "Kale", stock="10")
    with acting_for(greenfield.id):
        hold_stock(reference=new_id(), quantities={kale.id: 4000})

    untouched = ana.post(f"/greenfield/products/{kale.id}", data=typed_for(kale, stock="10"))
    assert untouched.status_code == 303
    assert stock_left(greenfield, kale.id) == 6000

    seen = own(greenfield, kale.id)
    late = typed_for(seen, stock="20", seen="10000")
    answer = ana.post(f"/greenfield/products/{kale.id}", data=late)
    assert answer.status_code == 409
    assert "The stock is 6 by now" in answer.text
    assert stock_left(greenfield, kale.id) == 6000
    again = late | {"seen": hidden(answer.text, "seen")}
    assert ana.post(f"/greenfield/products/{kale.id}", data=again).status_code == 303
    assert stock_left(greenfield, kale.id) == 20_000


def hidden(html: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', html)
    assert found is not None
    return found.group(1)


def test_price_and_stock_change_in_the_list_without_javascript(
    ana: Browser, greenfield: Tenant
) -> None:
    kale = make_product(greenfield, "Kale")
    page = "?tab=published&q=kale"

    stock = ana.post(
        f"/greenfield/products/{kale.id}/stock{page}", data={"stock": "5", "seen": "100000"}
    )
    price = ana.post(
        f"/greenfield/products/{kale.id}/price{page}", data={"price": "4", "version": kale.version}
    )

    assert (stock.status_code, price.status_code) == (303, 303)
    assert stock.location == "/greenfield/products?tab=published&q=kale"
    saved = own(greenfield, kale.id)
    assert (saved.stock_milli, saved.price_minor) == (5000, 400)
    assert {"Ana stock.counted", "Ana product.priced"} <= set(done(greenfield))


def test_a_refused_change_shows_the_list_with_what_was_typed(
    ana: Browser, greenfield: Tenant
) -> None:
    kale = make_product(greenfield, "Kale")
    make_product(greenfield, "Leek")
    url = f"/greenfield/products/{kale.id}/stock?q=kale"

    answer = ana.post(url, data={"stock": "many", "seen": "100000"})

    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert "Enter a quantity" in answer.text
    assert "Leek" not in answer.text
    assert ana.get(url).location == "/greenfield/products?q=kale"


def test_a_script_gets_only_the_cell(ana: Browser, greenfield: Tenant) -> None:
    kale = make_product(greenfield, "Kale")
    url = f"/greenfield/products/{kale.id}/stock"

    answer = ana.post(url, data={"stock": "5", "seen": "100000"}, headers=HTMX)
    assert (answer.status_code, "<html" in answer.text) == (200, False)
    assert (hidden(answer.text, "seen"), "Saved" in answer.text) == ("5000", True)

    stale = ana.post(url, data={"stock": "9", "seen": "100000"}, headers=HTMX)
    assert stale.status_code == 409
    assert (hidden(stale.text, "seen"), 'value="9"' in stale.text) == ("5000", True)
    assert stock_left(greenfield, kale.id) == 5000


def test_a_packer_counts_stock_and_nothing_else(ben: Browser, greenfield: Tenant) -> None:
    kale = make_product(greenfield, "Kale")
    at = f"/greenfield/products/{kale.id}"

    listed = ben.get("/greenfield/products").text
    assert "Stock of Kale" in listed
    assert "Price of Kale" not in listed
    assert "/products/new" not in listed
    assert ben.post(f"{at}/stock", data={"stock": "1", "seen": "100000"}).status_code == 303
    for method, path in [
        ("GET", at),
        ("POST", at),
        ("POST", f"{at}/price"),
        ("POST", f"{at}/publication"),
        ("POST", f"{at}/photos"),
        ("GET", "/greenfield/products/new"),
        ("POST", "/greenfield/products/new"),
        ("POST", "/greenfield/samples/removal"),
        ("GET", "/greenfield/categories"),
        ("GET", "/greenfield/pickup-points"),
    ]:
        assert ben.open(path, method=method).status_code == 403, path
    assert own(greenfield, kale.id).version == kale.version


def test_a_neighbours_product_is_not_there(
    carol: Browser, greenfield: Tenant, hillside: Tenant
) -> None:
    kale = make_product(greenfield, "Kale")

    for path in (f"/hillside/products/{kale.id}", f"/greenfield/products/{kale.id}"):
        assert carol.get(path).status_code == 404
        assert carol.post(f"{path}/stock", data={"stock": "1", "seen": "1"}).status_code == 404
        assert carol.post(f"{path}/publication", data={"state": "draft"}).status_code == 404
    assert "Kale" not in carol.get("/hillside/products").text
    assert own(greenfield, kale.id).state is ProductState.PUBLISHED


def test_a_product_moves_between_shop_and_archive(ana: Browser, greenfield: Tenant) -> None:
    kale = make_product(greenfield, "Kale")
    for state in ("draft", "published", "archived", "draft"):
        ana.post(f"/greenfield/products/{kale.id}/publication", data={"state": state})
        assert own(greenfield, kale.id).state == state
        assert "Kale" in ana.get(f"/greenfield/products?tab={state}").text
    ana.post(f"/greenfield/products/{kale.id}/publication", data={"state": "nonsense"})
    assert own(greenfield, kale.id).state is ProductState.DRAFT


def test_photos_are_added_described_moved_and_removed(ana: Browser, greenfield: Tenant) -> None:
    kale = make_product(greenfield, "Kale")
    at = f"/greenfield/products/{kale.id}/photos"
    ana.post(at, data={"photo": [(picture(), "a.jpg"), (picture(kind="PNG"), "b.png")]})
    first, second = (photo.id for photo in own(greenfield, kale.id).photos)

    ana.post(f"{at}/{second}/description", data={"alt": "A head of kale"})
    ana.post(f"{at}/{second}/position")
    assert [photo.id for photo in own(greenfield, kale.id).photos] == [second, first]
    assert 'alt="A head of kale"' in ana.get(f"/greenfield/products/{kale.id}").text

    ana.post(f"{at}/{first}/removal")
    assert [photo.id for photo in own(greenfield, kale.id).photos] == [second]
    assert ana.post(f"{at}/{first}/removal").status_code == 404


def test_no_photo_and_too_many_photos_are_refused_where_they_are_chosen(
    ana: Browser, greenfield: Tenant
) -> None:
    kale = make_product(greenfield, "Kale")
    at = f"/greenfield/products/{kale.id}/photos"
    ana.post(at, data={"photo": [(picture(40, 30), "a.jpg")]})
    with acting_for(greenfield.id):
        media_id = get_own_product(kale.id).photos[0].media_id
        for _ in range(7):
            attach_photo(product_id=kale.id, media_id=media_id)

    full = ana.post(at, data={"photo": [(picture(), "a.jpg")]})
    none = ana.post(at, data={})

    assert (full.status_code, "at most 8 photos" in full.text) == (422, True)
    assert (none.status_code, "Choose a picture first" in none.text) == (422, True)
    assert 'value="Kale"' in none.text
    assert len(own(greenfield, kale.id).photos) == 8


def test_tabs_count_search_and_category_narrow_the_list(ana: Browser, greenfield: Tenant) -> None:
    fruit = make_category(greenfield, "Fruit", "水果")
    make_product(greenfield, "Apples", "苹果", category=fruit)
    make_product(greenfield, "Leek", "韭葱", unit=Unit.EACH, stock="0")
    make_product(greenfield, "Draft plums", "李子", published=False)

    shop = ana.get("/greenfield/products").text
    assert "Apples" in shop
    assert "Draft plums" not in shop
    assert shop.count("Sold out") == 1
    assert "Draft plums" in ana.get("/greenfield/products?tab=draft").text
    assert "Leek" not in ana.get("/greenfield/products?q=pingguo").text
    assert "Leek" not in ana.get("/greenfield/products?category=fruit").text
    assert "Nothing found" in ana.get("/greenfield/products?q=melon").text
    assert ana.get("/greenfield/products?page=999&tab=nonsense").status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "_external=1&slug=x",
        "product_id=1",
        "page=x",
        "page=-1",
        "q=%00",
        "category=%00",
        "_anchor=a",
    ],
)
def test_a_strange_query_does_no_harm(ana: Browser, greenfield: Tenant, query: str) -> None:
    make_product(greenfield, "Kale")

    assert ana.get(f"/greenfield/products?{query}").status_code in {200, 404}


def test_the_list_asks_the_same_few_things_however_long_it_is(
    ana: Browser, greenfield: Tenant
) -> None:
    fruit = make_category(greenfield)
    make_product(greenfield, "Apples", category=fruit)
    ana.get("/greenfield/products")
    with statements() as few:
        ana.get("/greenfield/products")
    for number in range(20):
        make_product(greenfield, f"Good {number}", category=fruit)

    with statements() as many:
        ana.get("/greenfield/products")

    assert len(many) == len(few)


def test_a_form_beyond_every_limit_says_so(ana: Browser, greenfield: Tenant) -> None:
    announced = {"CONTENT_LENGTH": str(14 * 1024 * 1024)}

    answer = ana.post(
        "/greenfield/products/new",
        data=b"--x",
        content_type="multipart/form-data; boundary=x",
        environ_overrides=announced,
    )

    assert answer.status_code == 413
    assert "12 MB together" in answer.text

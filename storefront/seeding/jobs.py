"""What a shop finds on its first day."""

from datetime import time

from kernel.db import transaction
from kernel.jobs import complete_job, network_job
from storefront.catalog.rules import Names
from storefront.pickup.queries import list_points
from storefront.pickup.services import PointFacts, create_point
from storefront.seeding.goods import SAMPLES, SHELVES, sample_price
from storefront.seeding.stocking import (
    Priced,
    hang_pictures,
    is_empty,
    put_on_shelves,
    store_drawing,
)
from tenants.accounts.queries import get_profile

FIRST_POINT = PointFacts(
    names=Names("Farm gate", "农场门口"),
    address="Your address · 你们的地址",
    notes=Names("Tell shoppers how to find you.", "请告诉顾客怎么找到你们。"),
    hours={4: (time(15), time(18)), 5: (time(9), time(12))},
)


@network_job
def furnish_new_shop() -> None:
    """An empty shop has samples and one pick-up point, so that it works at once. It writes files,
    so it is no job of one transaction; running it twice is safe."""
    pictures = [store_drawing(good.picture) for good in SAMPLES] if is_empty() else []
    with transaction():
        currency = get_profile(lock=True).currency  # one at a time
        if pictures and is_empty():
            goods = [Priced(good, sample_price(good, currency)) for good in SAMPLES]
            hang_pictures(put_on_shelves(goods, SHELVES, sample=True), pictures)
        if not list_points(active_only=False):
            create_point(facts=FIRST_POINT, sample=True)
        complete_job()

"""Greenfield Growers: English first, in euros. Ana owns it, Mira runs it, Ben packs."""

from datetime import time

from kernel.quantity import Unit
from storefront.catalog.rules import Names
from storefront.pickup.services import PointFacts
from storefront.seeding.goods import SHELVES, Good
from storefront.seeding.shops import DemoOrder, DemoPerson, DemoShop, Fate
from tenants.accounts.services import NewShop, ShopLook
from tenants.people.rules import Role

ORCHARD, FIELDS, DAIRY, BAKERY = "Lindner orchard", "Sonnfeld", "Alm dairy", "Mill bakery"

GOODS = (
    Good(
        "apples", Names("Topaz apples", "黄玉苹果"), "fruit",
        Unit.KG, 380, 250, 120, ORCHARD,
        Names("Juicy and a little **sharp**. Good for cakes, keeps until March in a cool cellar.",
              "多汁微酸，适合烘焙；阴凉处可存放到三月。"),
    ),
    Good(
        "pears", Names("Conference pears", "康佛伦斯梨"), "fruit",
        Unit.KG, 420, 250, 45, ORCHARD,
        Names("Picked firm. Let them ripen for three days at room temperature.",
              "采收时偏硬，室温放三天口感最佳。"),
    ),
    Good(
        "carrots", Names("Bunched carrots", "带缨胡萝卜"), "vegetables",
        Unit.KG, 320, 250, 60, FIELDS,
        Names("Washed, with their greens. The greens make a fine pesto.",
              "已清洗，带缨。缨可做青酱。"),
    ),
    Good(
        "potatoes", Names("Linda potatoes", "琳达土豆"), "vegetables",
        Unit.KG, 210, 500, 200, FIELDS,
        Names("A waxy old variety.\n\n- for salads\n- for gratin",
              "老品种，口感紧实。\n\n- 凉拌\n- 焗烤"),
    ),
    Good(
        "tomatoes", Names("Vine tomatoes", "串番茄"), "vegetables",
        Unit.KG, 560, 250, 1, FIELDS,
        Names("The last of the year, from the unheated tunnel.",
              "不加温大棚，今年最后一批。"),
    ),
    Good(
        "pumpkin", Names("Hokkaido pumpkin", "北海道南瓜"), "vegetables",
        Unit.EACH, 390, 1000, 40, FIELDS,
        Names("About 1.2 kg each. The skin can be eaten.",
              "每个约 1.2 公斤，带皮可食。"),
    ),
    Good(
        "pak-choi", Names("Pak choi", "小白菜"), "vegetables",
        Unit.KG, 690, 250, 18, FIELDS,
        Names("Tender, for the wok.",
              "鲜嫩，适合快炒。"),
    ),
    Good(
        "carrots", Names("Vegetable box", "时蔬箱"), "vegetables",
        Unit.BOX, 2400, 1000, 20, FIELDS,
        Names("Seven kinds for two to three people, what the fields give this week.",
              "当周七种时蔬，供两到三人食用。"),
    ),
    Good(
        "eggs", Names("Ten eggs", "鸡蛋（十枚）"), "dairy",
        Unit.BOX, 490, 1000, 50, "Hof Brandt",
        Names("From 300 hens that follow the mobile coop over the meadow.",
              "三百只母鸡随移动鸡舍在草地放养。"),
    ),
    Good(
        "cheese", Names("Mountain cheese", "高山奶酪"), "dairy",
        Unit.KG, 2680, 125, 14, DAIRY,
        Names("Raw milk, ripened for eight months. Contains **milk**.",
              "生乳制成，熟成八个月。含**牛奶**。"),
    ),
    Good(
        "bread", Names("Rye sourdough", "黑麦酸面包"), "pantry",
        Unit.EACH, 580, 1000, 24, BAKERY,
        Names("One kilogram, baked in a wood oven. Contains **gluten**.",
              "一公斤，柴火窑烤。含**麸质**。"),
    ),
    Good(
        "honey", Names("Blossom honey, 500 g", "百花蜜 500 克"), "pantry",
        Unit.EACH, 790, 1000, 60, "Beekeeper Roth",
        Names("From our own orchards.",
              "采自我们自己的果园。"),
    ),
    Good(
        "rice", Names("Spelt rice", "斯佩尔特麦米"), "pantry",
        Unit.KG, 450, 500, 30, BAKERY,
        Names("Polished spelt, cooks like rice in 20 minutes.",
              "去皮斯佩尔特小麦，二十分钟即熟。"),
    ),
    Good(
        "tofu", Names("Smoked tofu", "烟熏豆腐"), "dairy",
        Unit.EACH, 340, 1000, 0, DAIRY,
        Names("200 g, smoked over beech. Contains **soy**.",
              "200 克，山毛榉烟熏。含**大豆**。"),
    ),
    Good(
        "pumpkin", Names("Butternut squash", "奶油南瓜"), "vegetables",
        Unit.EACH, 350, 1000, 25, FIELDS,
        Names("From next week.",
              "下周上市。"), published=False,
    ),
)  # fmt: skip

ORDERS = (
    DemoOrder("Jonas Weber", "jonas@example.org", "en", {0: 1250, 3: 2000, 8: 1000}, Fate.PLACED),
    DemoOrder("Lena Fischer", "lena@example.org", "en", {7: 1000}, Fate.PLACED),
    DemoOrder("陈静", "chenjing@example.org", "zh", {6: 500, 2: 750, 8: 1000}, Fate.PAID),
    DemoOrder("Omar Haddad", "omar@example.org", "en", {10: 2000, 9: 250}, Fate.READY),
    DemoOrder("Sofia Rossi", "sofia@example.org", "en", {1: 1000, 0: 1000}, Fate.READY_PAID),
    DemoOrder("Paul Schmidt", "paul@example.org", "en", {3: 5000, 5: 1000}, Fate.COLLECTED),
    DemoOrder("Amira Khan", "amira@example.org", "en", {8: 2000, 10: 1000, 9: 500}, Fate.COLLECTED),
    DemoOrder("Tom Becker", "tom@example.org", "en", {7: 1000, 11: 2000}, Fate.PART_REFUNDED),
    DemoOrder("Nora Klein", "nora@example.org", "en", {1: 500}, Fate.REFUNDED),
    DemoOrder("Felix Braun", "felix@example.org", "en", {0: 750}, Fate.CANCELLED),
    DemoOrder("Ida Holm", "ida@example.org", "en", {7: 2000}, Fate.ONLINE),
)  # fmt: skip

GREENFIELD = DemoShop(
    shop=NewShop("Greenfield Growers", "greenfield", "EUR", "Europe/Berlin", ["en", "zh"]),
    look=ShopLook("meadow", "leaf"),
    about=Names(
        "Eleven farms between the lake and the hills, one shop. We harvest **the day before** you "
        "collect.\n\nEvery price goes to the farm that grew it, less 8 % for packing and driving.",
        "湖畔与山丘之间的十一家农场，合开一家店。自提**前一天**采收。\n\n"
        "价款归种植的农场，仅扣百分之八用于打包和运输。",
    ),
    phone="+49 8382 555010",
    people=(
        DemoPerson("Ana", Role.OWNER, "en"),
        DemoPerson("Mira", Role.MANAGER, "en"),
        DemoPerson("Ben", Role.PACKER, "en"),
    ),
    shelves=SHELVES,
    goods=GOODS,
    points=(
        PointFacts(
            names=Names("Farm gate", "农场门口"),
            address="Sonnfeld 3, 88131 Lindau",
            notes=Names("The green door beside the barn.", "谷仓旁边的绿色大门。"),
            lead_hours=24,
            hours={
                2: (time(15), time(18, 30)),
                4: (time(15), time(18, 30)),
                5: (time(9), time(13)),
            },
        ),
        PointFacts(
            names=Names("Market square", "集市广场"),
            address="Marktplatz, 88131 Lindau",
            notes=Names("Under the clock, at the white van.", "钟楼下的白色货车旁。"),
            lead_hours=36,
            hours={3: (time(16), time(19)), 5: (time(8), time(12))},
        ),
    ),
    orders=ORDERS,
    country="DE",
)

"""山坡农场 Hillside Farms: Chinese first, in yuan. Carol owns it and never sees Greenfield."""

from datetime import time

from kernel.quantity import Unit
from storefront.catalog.rules import Names
from storefront.pickup.services import PointFacts
from storefront.seeding.goods import SHELVES, Good
from storefront.seeding.shops import DemoOrder, DemoPerson, DemoShop, Fate
from tenants.accounts.services import NewShop, ShopLook
from tenants.people.rules import Role

WANG, LI, CHEN, HIVE = "老王果园", "李家菜地", "陈记豆坊", "云岭蜂场"

GOODS = (
    Good(
        "rice", Names("New season rice", "新米"), "pantry",
        Unit.JIN, 680, 1000, 400, "稻香合作组",
        Names("Milled **the week** you order.",
              "**当周**现碾，不抛光，不打蜡。"),
    ),
    Good(
        "pak-choi", Names("Pak choi", "上海青"), "vegetables",
        Unit.JIN, 450, 500, 90, LI,
        Names("Cut in the morning of pick-up.",
              "自提当天清晨采摘，根部带泥更保鲜。"),
    ),
    Good(
        "tomatoes", Names("Heirloom tomatoes", "老品种番茄"), "vegetables",
        Unit.JIN, 880, 500, 60, LI,
        Names("Ripened on the plant.",
              "自然成熟，沙瓤，有小时候的味道。"),
    ),
    Good(
        "carrots", Names("Carrots", "胡萝卜"), "vegetables",
        Unit.JIN, 320, 500, 120, LI,
        Names("Sweet enough to eat raw.",
              "脆甜，可以生吃。"),
    ),
    Good(
        "potatoes", Names("Yellow potatoes", "黄心土豆"), "vegetables",
        Unit.JIN, 280, 1000, 300, LI,
        Names("Floury, for braising.",
              "粉糯，适合炖煮。"),
    ),
    Good(
        "pumpkin", Names("Honey pumpkin", "贝贝南瓜"), "vegetables",
        Unit.EACH, 990, 1000, 45, LI,
        Names("About 400 g each.",
              "每个约八两，蒸熟即食，粉糯香甜。"),
    ),
    Good(
        "apples", Names("Red Fuji apples", "红富士苹果"), "fruit",
        Unit.JIN, 780, 1000, 240, WANG,
        Names("From 1,200 m above the sea.",
              "海拔一千二百米，冰糖心，果径 75–80 毫米。"),
    ),
    Good(
        "pears", Names("Crown pears", "皇冠梨"), "fruit",
        Unit.JIN, 560, 1000, 2, WANG,
        Names("Thin skin, very juicy.",
              "皮薄多汁，清甜无渣。"),
    ),
    Good(
        "eggs", Names("Thirty free-range eggs", "散养土鸡蛋（30 枚）"), "dairy",
        Unit.BOX, 4800, 1000, 40, "林下鸡场",
        Names("Collected the same week.",
              "林下散养，当周所产。"),
    ),
    Good(
        "tofu", Names("Brine tofu", "卤水豆腐"), "dairy",
        Unit.EACH, 600, 1000, 50, CHEN,
        Names("500 g, made at dawn. Contains **soy**.",
              "一斤一块，凌晨现做。含**大豆**。"),
    ),
    Good(
        "honey", Names("Wild linden honey, 500 g", "椴树蜜 500 克"), "pantry",
        Unit.EACH, 6800, 1000, 36, HIVE,
        Names("One harvest a year.",
              "一年一季，原蜜，低温易结晶。"),
    ),
    Good(
        "bread", Names("Steamed corn bread", "玉米窝头（6 个）"), "pantry",
        Unit.BOX, 1200, 1000, 20, CHEN,
        Names("Six pieces, steamed.",
              "六个装，粗粮细作，加热即食。"),
    ),
    Good(
        "cheese", Names("Milk cakes", "乳饼"), "dairy",
        Unit.EACH, 2600, 1000, 0, "山南奶站",
        Names("Goat's milk, to fry. Contains **milk**.",
              "羊乳制，适合煎食。含**牛奶羊奶**。"),
    ),
    Good(
        "carrots", Names("Weekly vegetable box", "一周蔬菜箱"), "vegetables",
        Unit.BOX, 8800, 1000, 20, LI,
        Names("Eight kinds, about 5 kg.",
              "八种时蔬，约十斤，够一家三口吃一周。"),
    ),
)  # fmt: skip

ORDERS = (
    DemoOrder("张伟", "zhangwei@example.org", "zh", {0: 10_000, 1: 1000, 8: 1000}, Fate.PLACED),
    DemoOrder("李娜", "lina@example.org", "zh", {13: 1000}, Fate.PLACED),
    DemoOrder("王芳", "wangfang@example.org", "zh", {6: 5000, 9: 2000}, Fate.PAID),
    DemoOrder("刘洋", "liuyang@example.org", "zh", {2: 1500, 3: 1000, 9: 1000}, Fate.READY),
    DemoOrder("Emma Clark", "emma@example.org", "en", {8: 1000, 10: 1000}, Fate.READY_PAID),
    DemoOrder("赵敏", "zhaomin@example.org", "zh", {0: 5000, 4: 3000}, Fate.COLLECTED),
    DemoOrder("孙磊", "sunlei@example.org", "zh", {13: 1000, 11: 1000}, Fate.COLLECTED),
    DemoOrder("周婷", "zhouting@example.org", "zh", {6: 3000, 5: 2000}, Fate.PART_REFUNDED),
    DemoOrder("吴强", "wuqiang@example.org", "zh", {10: 1000}, Fate.REFUNDED),
    DemoOrder("郑爽", "zhengshuang@example.org", "zh", {1: 500, 3: 500}, Fate.CANCELLED),
)  # fmt: skip

HILLSIDE = DemoShop(
    shop=NewShop("山坡农场 Hillside Farms", "hillside", "CNY", "Asia/Shanghai", ["zh", "en"]),
    look=ShopLook("paddy", "pine"),
    about=Names(
        "Nine families on one hillside. We tell you who grew it, and we mean it.",
        "一面山坡，九户人家。谁种的，写得明明白白。\n\n**不催熟，不打蜡**，当天采摘，当天送到自提点。",
    ),
    phone="+86 571 5550 1088",
    people=(
        DemoPerson("Carol", Role.OWNER, "zh"),
        DemoPerson("Xiaolin", Role.PACKER, "zh"),
    ),
    shelves=SHELVES,
    goods=GOODS,
    points=(
        PointFacts(
            names=Names("Cooperative shop", "合作社门店"),
            address="杭州市余杭区山坡路 18 号",
            notes=Names("Next to the post office.", "邮局旁边，门口有红灯笼。"),
            lead_hours=12,
            days_ahead=10,
            hours={weekday: (time(9), time(18)) for weekday in range(1, 7)},
        ),
        PointFacts(
            names=Names("Sunshine estate, south gate", "阳光小区南门"),
            address="杭州市西湖区阳光路 66 号南门",
            notes=Names("At the parcel lockers.", "快递柜旁，认准绿色帐篷。"),
            lead_hours=18,
            days_ahead=10,
            hours={2: (time(17), time(19)), 5: (time(8, 30), time(11))},
        ),
    ),
    orders=ORDERS,
)

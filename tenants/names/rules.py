"""How a name looks, after the skeletons of Unicode Technical Standard 39."""

import re
import unicodedata
from functools import cache

PLATFORM = "sheaf"
# What a name may carry besides without becoming another one: legal forms, and what a shop or a
# platform calls its own desks.
_BESIDES = re.compile(
    r"\b(the|co-?operative|co-?op|e\.? ?v|e\.? ?g|ltd|inc|gmbh|llc|official|support|help|helpdesk|"
    r"team|service|services|security|billing|payment|payments|account|accounts|admin|staff|"
    r"customer care|no-?reply|shops?|online)\b\.?"
    r"|农民专业合作社|专业合作社|合作联社|合作社|有限责任公司|股份有限公司|有限公司|官方|客服|支付|付款|"
    r"安全|中心|团队|平台|商城|商店|小店|店铺|账户|账号",
    re.IGNORECASE,
)
# Letters that one font or another draws alike, before case is folded: capital i is no small i.
_DRAWN_ALIKE = str.maketrans({"I": "l", "1": "l", "|": "l", "0": "o", "O": "o"})


def look_of(name: str) -> str:
    """The same for every name that a hurried reader takes for this one; never empty for a name."""
    short = _skeleton(_BESIDES.sub(" ", name))
    return short or _skeleton(name) or name.casefold()


def speaks_as_the_platform(name: str) -> bool:
    """Whether a person's or shop's name would be taken for Sheaf itself."""
    return look_of(name) == PLATFORM


def _skeleton(text: str) -> str:
    drawn = unicodedata.normalize("NFKD", text).translate(_DRAWN_ALIKE)
    plain = "".join(_latin(char) for char in drawn if char.isalnum())
    return plain.casefold().replace("i", "l")


def _latin(char: str) -> str:
    if char.isascii() or unicodedata.name(char, "").startswith("CJK"):
        return char
    return next(
        (like for like in _alike().get(char, ()) if like.isascii() and like.isalnum()), char
    )


@cache
def _alike() -> dict[str, list[str]]:
    # A megabyte of tables, read by the few processes in which somebody chooses a name.
    from confusable_homoglyphs.confusables import confusables_data

    return {char: [one["c"] for one in known] for char, known in confusables_data.items()}

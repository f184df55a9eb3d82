"""What is no longer as a page showed it, in sentences: the old beside the new."""

from datetime import date, time

from flask_babel import gettext

from kernel.i18n import date_text, language, money_text, quantity_text, time_text, unit_text
from storefront.carts.rules import Change, LineChange, PlaceChange, Terms, TotalChange, What
from storefront.carts.rules.agreement import SeenLine, SeenPlace


def words_of(change: Change) -> str:
    """The sentence for one change."""
    if isinstance(change, TotalChange):
        return _total(change)
    if isinstance(change, PlaceChange):
        return _place(change)
    if change.was is None or change.now is None:
        return _come_or_gone(change)
    return _line(change.what, change.was, change.now)


def _total(change: TotalChange) -> str:
    old, new = money_text(change.was), money_text(change.now)
    if change.was.currency != change.now.currency:
        words = gettext(
            "Prices are now in %(currency)s: the total was %(old)s and is %(new)s.",
            currency=change.now.currency,
            old=old,
            new=new,
        )
    else:
        words = gettext("The total was %(old)s and is now %(new)s.", old=old, new=new)
    return str(words)


def _come_or_gone(change: LineChange) -> str:
    line = change.now or change.was
    assert line is not None, "a line that is nowhere has not changed"
    name, amount = line.terms.name_in(language()), _amount(line)
    told = {
        What.ADDED: gettext("%(name)s, %(amount)s, is now in this order; it was not shown before."),
        What.GONE: gettext("%(name)s, %(amount)s, is no longer on sale."),
        What.SOLD_OUT: gettext("%(name)s, %(amount)s, has sold out meanwhile."),
        What.REMOVED: gettext("%(name)s, %(amount)s, is no longer in your cart."),
    }
    left = gettext("%(name)s can no longer be ordered in the amount of %(amount)s.")
    return str(told.get(change.what, left)) % {"name": name, "amount": amount}


def _line(what: What, was: SeenLine, now: SeenLine) -> str:
    told = {
        What.LESS: gettext("Of %(name)s only %(new)s is left; you wanted %(old)s."),
        What.STEP: gettext("%(name)s is now sold in other steps: %(new)s instead of %(old)s."),
        What.AMOUNT: gettext("The amount of %(name)s was %(old)s and is now %(new)s."),
        What.NAME: gettext("%(old)s is now called %(new)s."),
        What.GROWER: gettext("%(name)s came from %(old)s and now comes from %(new)s."),
        What.UNIT: gettext("%(name)s was sold by %(old)s and is now sold by %(new)s."),
        What.PRICE: gettext("The price of %(name)s changed from %(old)s to %(new)s."),
    }
    old, new = _sides(what, was, now)
    return str(told[what]) % {"name": now.terms.name_in(language()), "old": old, "new": new}


def _sides(what: What, was: SeenLine, now: SeenLine) -> tuple[str, str]:
    old, new = was.terms, now.terms
    if what is What.NAME:
        return _names(old, new)
    if what is What.GROWER:
        nobody = gettext("nobody named")
        return old.grower or nobody, new.grower or nobody
    if what is What.UNIT:
        return unit_text(old.unit), unit_text(new.unit)
    if what is What.PRICE:
        return money_text(old.price), money_text(new.price)
    return _amount(was), _amount(now)


def _names(old: Terms | SeenPlace, new: Terms | SeenPlace) -> tuple[str, str]:
    """In the page's language, or in the other one when only there something is different."""
    here = language()
    if old.name_in(here) == new.name_in(here):
        here = "en" if here == "zh" else "zh"
    return old.name_in(here), new.name_in(here)


def _place(change: PlaceChange) -> str:
    was, now, name = change.was, change.now, change.now.name_in(language())
    if was is None or change.what is What.NOT_SHOWN:
        return str(
            gettext(
                "%(name)s, %(address)s, on %(day)s was not shown before.",
                name=name,
                address=now.address,
                day=date_text(change.day, "short_day"),
            )
        )
    if change.what is What.PLACE:
        old, new = _names(was, now)
        return str(gettext("The place %(old)s is now called %(new)s.", old=old, new=new))
    if change.what is What.ADDRESS:
        words = gettext("The address of %(name)s was %(old)s and is now %(new)s.")
        return str(words) % {"name": name, "old": was.address, "new": now.address}
    words = gettext("The hours of %(name)s on %(day)s were %(old)s and are now %(new)s.")
    return str(words) % {
        "name": name,
        "day": date_text(change.day, "short_day"),
        "old": _hours(was, change.day),
        "new": _hours(now, change.day),
    }


def _hours(place: SeenPlace, day: date) -> str:
    opens, closes = place.days[day.isoformat()].split()
    return str(
        gettext(
            "%(opens)s to %(closes)s",
            opens=time_text(time.fromisoformat(opens)),
            closes=time_text(time.fromisoformat(closes)),
        )
    )


def _amount(line: SeenLine) -> str:
    return quantity_text(line.quantity_milli, line.terms.unit)

"""A mail as plain values, written out once as HTML and once as text."""

from dataclasses import dataclass, field, replace

from flask import render_template

from kernel.i18n import money_text, quantity_text
from storefront.orders.models import Order
from tenants.mail.rules import defang

Pair = tuple[str, str]


@dataclass(frozen=True)
class Sender:
    """The shop as a mail shows it."""

    name: str
    url: str


@dataclass(frozen=True)
class Letter:
    """What a mail says, in the language it was written in. `action` is its one link: whatever
    people typed into the rest is defanged before it is written out."""

    subject: str
    preview: str
    heading: str
    paragraphs: list[str]
    why: str
    code: str = ""
    sums: list[Pair] = field(default_factory=list)
    afterwards: list[str] = field(default_factory=list)
    action: Pair | None = None


def without_links(letter: Letter) -> Letter:
    """The letter in whose words no mail program finds an address to link."""
    return replace(
        letter,
        subject=defang(letter.subject),
        preview=defang(letter.preview),
        heading=defang(letter.heading),
        paragraphs=[defang(text) for text in letter.paragraphs],
        afterwards=[defang(text) for text in letter.afterwards],
        sums=[(defang(words), defang(amount)) for words, amount in letter.sums],
    )


def as_html(letter: Letter, sender: Sender) -> str:
    """The letter in the shop's dress."""
    return render_template("notices/letter.html", letter=letter, shop=sender)


def as_text(letter: Letter, sender: Sender) -> str:
    """The letter for those who read plain text; nothing is left out."""
    return render_template("notices/letter.txt", letter=letter, shop=sender).strip() + "\n"


def sums_of(order: Order, language: str, total: str) -> list[Pair]:
    """The order's lines and its total, whose words say whether it is paid."""
    lines = [
        (
            f"{line.name_in(language)}, {quantity_text(line.ordered_milli, line.unit)}",
            money_text(line.sum),
        )
        for line in order.lines
    ]
    return [*lines, (total, money_text(order.total))]

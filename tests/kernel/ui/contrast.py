"""Contrast as WCAG 2.2 defines it, and the pairs of tokens that our stylesheets put together."""

import re
from pathlib import Path

from kernel.settings import ROOT

TEXT, CONTROL = 4.5, 3.0
GROUNDS = ("paper", "card", "sunk")
STATES = ("danger", "warn", "ok", "info")
PAIRS = (
    [(text, ground, TEXT) for text in ("ink", "muted", "accent-ink") for ground in GROUNDS]
    + [("ink", f"{state}-soft", TEXT) for state in STATES]
    + [(state, f"{state}-soft", TEXT) for state in STATES]
    + [("danger", ground, TEXT) for ground in GROUNDS]
    + [("ok", "card", TEXT), ("ok", "paper", TEXT), ("on-danger", "danger", TEXT)]
    + [("ink", "accent-soft", TEXT), ("accent-ink", "accent-soft", TEXT)]
    + [("on-accent", "accent", TEXT), ("on-accent", "accent-hover", TEXT), ("paper", "ink", TEXT)]
    + [("accent-hover", ground, TEXT) for ground in GROUNDS]
    + [("edge", "card", CONTROL), ("edge", "paper", CONTROL)]
    + [("accent", ground, CONTROL) for ground in (*GROUNDS, "accent-soft")]
)
TOKEN = re.compile(r"--([a-z-]+):\s*(#[0-9a-f]{3,6})\b")


def ratio(one: str, other: str) -> float:
    """Contrast of two hex colours, from 1 to 21."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def too_weak(tokens: dict[str, str]) -> list[str]:
    """Every pair that falls short, in words."""
    return [
        f"{text} on {ground}: {found:.2f} < {least}"
        for text, ground, least in PAIRS
        if (found := ratio(tokens[text], tokens[ground])) < least
    ]


def tokens_of(css: str) -> dict[str, str]:
    """The colours that a piece of stylesheet sets."""
    return dict(TOKEN.findall(css))


def own_tokens(*, dark: bool, surface: str = "") -> dict[str, str]:
    """Our stylesheet's colours in one scheme, with what a surface changes."""
    css = (Path(ROOT) / "kernel/static/css/sheaf.css").read_text()
    light_part, _, rest = css.partition("@media (prefers-color-scheme: dark)")
    dark_part = rest.partition("/*")[0]
    found: dict[str, str] = {}
    for part in [light_part, dark_part] if dark else [light_part]:
        for selector, body in re.findall(r"(:root[\w.-]*)\s*\{([^}]*)\}", part):
            if selector in (":root", f":root.{surface}"):
                found |= tokens_of(body)
    return found


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

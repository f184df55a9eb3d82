"""How a shop may look: typed colours only, so that no stylesheet or script of a merchant exists.

A theme is the ground (paper, cards, ink, lines), an accent the colour that leads (buttons, links).
Any theme goes with any accent; a test holds the contrast of every pair in light and dark.
"""

from dataclasses import dataclass, fields

from kernel.errors import N_


@dataclass(frozen=True)
class Ground:
    """Surfaces and text. `edge` bounds what can be operated, `line` only separates."""

    paper: str
    card: str
    sunk: str
    ink: str
    muted: str
    line: str
    edge: str


@dataclass(frozen=True)
class Tones:
    """An accent in one scheme; `accent_ink` is for words, `accent_soft` lies under words."""

    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    accent_ink: str


@dataclass(frozen=True)
class Theme:
    label: str
    light: Ground
    dark: Ground


@dataclass(frozen=True)
class Accent:
    label: str
    light: Tones
    dark: Tones


THEMES = {
    "meadow": Theme(
        N_("Meadow"),
        Ground("#fbfaf5", "#ffffff", "#f3f0e6", "#20261f", "#5b6358", "#e4e0d3", "#858b7c"),
        Ground("#151813", "#1d211b", "#262b24", "#eceee7", "#a9b0a2", "#343a31", "#7d8577"),
    ),
    "orchard": Theme(
        N_("Orchard"),
        Ground("#fdf8f3", "#fffefc", "#f7ece1", "#2b211b", "#6b5b50", "#ecdccc", "#96826f"),
        Ground("#1a1512", "#231d19", "#2e2621", "#f3ebe4", "#bcaea3", "#3f352e", "#8f7f73"),
    ),
    "paddy": Theme(
        N_("Paddy"),
        Ground("#f5faf7", "#ffffff", "#e6f1ea", "#17251f", "#4f6158", "#d5e4db", "#788c81"),
        Ground("#101814", "#18221d", "#202d26", "#e6efe9", "#a0b3a8", "#2e3d35", "#75897e"),
    ),
    "terrace": Theme(
        N_("Terrace"),
        Ground("#faf6ee", "#fffdf8", "#f0e7d6", "#2a2318", "#65593f", "#e5d8bf", "#8f8265"),
        Ground("#191610", "#221e17", "#2d271e", "#f1ebdd", "#b8ad97", "#3d3628", "#8c8169"),
    ),
    "vineyard": Theme(
        N_("Vineyard"),
        Ground("#faf7f9", "#ffffff", "#f2eaef", "#261d24", "#645764", "#e4d9e1", "#8d7f8a"),
        Ground("#171318", "#201a21", "#2a232b", "#f0e9ef", "#b2a6b1", "#3b323c", "#867987"),
    ),
    "winter": Theme(
        N_("Winter"),
        Ground("#f6f8fb", "#ffffff", "#e9eef4", "#1b222c", "#55606f", "#d8e0e9", "#7b8797"),
        Ground("#12161b", "#1a1f26", "#232a33", "#e9edf2", "#a5afbc", "#323b46", "#78838f"),
    ),
}

ACCENTS = {
    "leaf": Accent(
        N_("Leaf"),
        Tones("#2e6b3c", "#235530", "#ffffff", "#e7f0e0", "#2a6337"),
        Tones("#8ccb90", "#a5d9a7", "#0d2212", "#24341f", "#97d29a"),
    ),
    "pine": Accent(
        N_("Pine"),
        Tones("#15665f", "#0e514b", "#ffffff", "#dff0ec", "#125d57"),
        Tones("#78c9bd", "#95d8ce", "#062421", "#1b3532", "#85cfc4"),
    ),
    "lake": Accent(
        N_("Lake"),
        Tones("#235f95", "#1a4b78", "#ffffff", "#e2edf7", "#205789"),
        Tones("#8fbfec", "#abd0f2", "#08213a", "#1d3145", "#9ac6ef"),
    ),
    "plum": Accent(
        N_("Plum"),
        Tones("#6f4394", "#593378", "#ffffff", "#f0e8f6", "#673d8a"),
        Tones("#cbaae8", "#d8c0ee", "#2a0f40", "#33273e", "#d0b2eb"),
    ),
    "beet": Accent(
        N_("Beetroot"),
        Tones("#8f2f5f", "#74244c", "#ffffff", "#f8e6ee", "#852a58"),
        Tones("#eba3c2", "#f1bad2", "#3c0a22", "#3f2431", "#eeacc8"),
    ),
    "clay": Accent(
        N_("Clay"),
        Tones("#96471f", "#7a3817", "#ffffff", "#f8e9df", "#8a401b"),
        Tones("#efab82", "#f4c0a0", "#3a1604", "#3c281d", "#f1b28d"),
    ),
    "honey": Accent(
        N_("Honey"),
        Tones("#7d5600", "#654500", "#ffffff", "#f8edd3", "#735000"),
        Tones("#ecc264", "#f2d188", "#2e2000", "#3a2f17", "#efc973"),
    ),
}

DEFAULT_THEME, DEFAULT_ACCENT = "meadow", "leaf"


def render_theme_css(theme: str, accent: str) -> str:
    """The stylesheet of a shop's colours; a name that is no longer offered gets the default."""
    ground = THEMES.get(theme, THEMES[DEFAULT_THEME])
    tones = ACCENTS.get(accent, ACCENTS[DEFAULT_ACCENT])
    light = _declarations(ground.light) + _declarations(tones.light)
    dark = _declarations(ground.dark) + _declarations(tones.dark)
    return f":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def swatch(theme: str, accent: str) -> tuple[str, str, str]:
    """Paper, accent and ink of a choice in light: what a picture of it needs."""
    ground, tones = THEMES[theme].light, ACCENTS[accent].light
    return ground.sunk, tones.accent, ground.ink


def _declarations(tokens: Ground | Tones) -> str:
    return "".join(
        f"--{field.name.replace('_', '-')}:{getattr(tokens, field.name)};"
        for field in fields(tokens)
    )

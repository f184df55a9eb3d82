import re
from itertools import product

import pytest

from storefront.shop.themes import ACCENTS, THEMES, render_theme_css, swatch
from tests.kernel.ui.contrast import own_tokens, ratio, tokens_of, too_weak


@pytest.mark.parametrize(("theme", "accent"), list(product(THEMES, ACCENTS)))
def test_every_theme_with_every_accent_is_legible_in_light_and_dark(
    theme: str, accent: str
) -> None:
    light, dark = render_theme_css(theme, accent).split("@media")

    assert too_weak(own_tokens(dark=False) | tokens_of(light)) == []
    assert too_weak(own_tokens(dark=True) | tokens_of(dark)) == []


def test_black_on_white_is_21_and_a_colour_on_itself_is_1() -> None:
    assert ratio("#000", "#ffffff") == pytest.approx(21)
    assert ratio("#2e6b3c", "#2e6b3c") == 1


def test_a_theme_sets_every_colour_of_both_schemes_and_nothing_else() -> None:
    for theme, accent in product(THEMES, ACCENTS):
        light, dark = render_theme_css(theme, accent).split("@media")
        assert tokens_of(light).keys() == tokens_of(dark).keys()
        assert len(tokens_of(light)) == 12
        assert re.fullmatch(r":root\{(--[a-z-]+:#[0-9a-f]{6};)+\}\n", light)


def test_a_theme_that_is_no_longer_offered_falls_back_to_the_first() -> None:
    assert render_theme_css("desert", "}</style>") == render_theme_css("meadow", "leaf")


def test_the_default_theme_is_the_look_of_our_own_stylesheet() -> None:
    light, dark = render_theme_css("meadow", "leaf").split("@media")
    plain = {"#fff": "#ffffff"}

    for css, own in ((light, own_tokens(dark=False)), (dark, own_tokens(dark=True))):
        assert {name: plain.get(own[name], own[name]) for name in tokens_of(css)} == tokens_of(css)


def test_a_swatch_shows_the_ground_the_accent_and_the_ink() -> None:
    assert swatch("winter", "lake") == ("#e9eef4", "#235f95", "#1b222c")

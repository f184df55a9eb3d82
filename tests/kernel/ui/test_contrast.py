import pytest

from tests.kernel.ui.contrast import own_tokens, too_weak


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("surface", ["", "surface-console"])
def test_our_own_colours_are_legible_in_both_schemes(surface: str, *, dark: bool) -> None:
    assert too_weak(own_tokens(dark=dark, surface=surface)) == []


def test_the_console_has_an_accent_of_its_own() -> None:
    shop, console = own_tokens(dark=False), own_tokens(dark=False, surface="surface-console")
    assert shop["accent"] != console["accent"]

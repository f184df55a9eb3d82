"""What a good password is."""

import pytest

from tenants.people.errors import PasswordIsAboutYou, PasswordTooCommon, PasswordTooShort
from tenants.people.passwords import check_password, hash_password, password_fits

ABOUT = ["Ana Lind", "ana@greenfield.example", "Greenfield Growers", "绿野合作社"]


@pytest.mark.parametrize(
    "password",
    ["four carrots in a row", "kohlrabi-at-dawn", "田里的胡萝卜很好吃啊", "Greenfield rain 4 mm"],
)
def test_a_few_words_are_a_good_password(password: str) -> None:
    check_password(password, about=ABOUT)


@pytest.mark.parametrize(
    ("password", "refusal"),
    [
        ("short", PasswordTooShort),
        ("password123456", PasswordTooCommon),
        ("P@ssw0rd!!!!", PasswordTooCommon),
        ("qwertyuiop", PasswordTooCommon),
        ("1234567890", PasswordTooCommon),
        ("abcdefghijklm", PasswordTooCommon),
        ("aaaaaaaaaaaa", PasswordTooCommon),
        ("carrotcarrot", PasswordTooCommon),
        ("woaini1314520", PasswordTooCommon),
        ("greenfield123", PasswordIsAboutYou),
        ("Greenfield-Growers", PasswordIsAboutYou),
        ("绿野合作社2026!!", PasswordIsAboutYou),
    ],
)
def test_what_strangers_try_first_is_refused(password: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_password(password, about=ABOUT)


def test_a_password_fits_only_its_own_hash() -> None:
    made = hash_password("four carrots in a row")

    assert made.startswith("$argon2id$")
    assert password_fits("four carrots in a row", made)
    assert not password_fits("five carrots in a row", made)
    assert not password_fits("nobody has this password", "")
    assert not password_fits("four carrots in a row", "not a hash")


def test_the_same_characters_from_another_keyboard_fit() -> None:
    assert password_fits("ｃａｒｒｏｔｓ in a row", hash_password("carrots in a row"))

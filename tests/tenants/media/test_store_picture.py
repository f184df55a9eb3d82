"""What becomes of an uploaded file."""

import io
from uuid import uuid4

import pytest
from flask import Flask
from PIL import Image

from kernel.bulkhead import Bulkhead
from kernel.errors import TooBusy, TooMany
from kernel.scope import acting_for
from tenants.accounts.models import Tenant
from tenants.media import services
from tenants.media.errors import NotAPicture, PictureTooLarge, TooManyPictures, TooManyPixels
from tenants.media.queries import get_picture, picture_path, picture_srcset, read_file
from tenants.media.rules import WIDTHS
from tenants.media.services import remove_picture, store_picture
from tenants.media.store import put_file
from tests.conftest import Browser
from tests.factories.pictures import bomb, picture, picture_with_position
from tests.jobs import run_due_jobs


def stored(tenant: Tenant, stream: io.BytesIO) -> dict[int, Image.Image]:
    with acting_for(tenant.id):
        media = store_picture(stream, alt="Carrots")
        files = {w: read_file(tenant_id=tenant.id, media_id=media.id, width=w) for w in WIDTHS}
    return {width: Image.open(io.BytesIO(content or b"")) for width, content in files.items()}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_picture_becomes_webp_in_three_widths(greenfield: Tenant, kind: str) -> None:
    made = stored(greenfield, picture(1600, 900, kind=kind))

    assert [(im.format, im.width) for im in made.values()] == [
        ("WEBP", 320), ("WEBP", 640), ("WEBP", 1280),
    ]  # fmt: skip


def test_a_small_picture_is_never_blown_up(greenfield: Tenant) -> None:
    assert [im.size for im in stored(greenfield, picture(500, 300)).values()] == [
        (320, 192), (500, 300), (500, 300),
    ]  # fmt: skip


def test_it_stands_upright_and_tells_nothing(greenfield: Tenant) -> None:
    made = stored(greenfield, picture_with_position())[1280]

    assert made.size == (400, 800)
    assert not made.getexif()
    assert "exif" not in made.info


def test_transparency_and_odd_modes_survive(greenfield: Tenant) -> None:
    assert stored(greenfield, picture(kind="PNG", mode="RGBA"))[320].mode in {"RGB", "RGBA"}
    assert stored(greenfield, picture(mode="CMYK"))[320].width == 320
    assert stored(greenfield, picture(kind="PNG", mode="P"))[320].width == 320
    assert stored(greenfield, picture(1, 1, kind="PNG"))[320].size == (1, 1)


HOSTILE = {
    "nothing": b"",
    "text": b"hello",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "html named jpg": b"<!doctype html><script>alert(1)</script>",
    "gif": b"GIF89a" + b"\0" * 100,
    "only a beginning": b"\xff\xd8\xff" + b"\0" * 1000,
    "cut off": picture().getvalue()[:500],
    "pdf": b"%PDF-1.7",
    "zip": b"PK\x03\x04",
    "bomb": bomb().getvalue(),
    "too many pixels": bomb(8000, 8000).getvalue(),
}


BOMBS = ("bomb", "too many pixels")


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_picture_is_refused_for_its_own_cause(greenfield: Tenant, name: str) -> None:
    cause = TooManyPixels if name in BOMBS else NotAPicture
    with acting_for(greenfield.id), pytest.raises(cause):
        store_picture(io.BytesIO(HOSTILE[name]))


def test_while_others_are_read_a_picture_is_put_off_not_called_unreadable(
    greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.media.services.DECODING", Bulkhead(1, wait_seconds=0))
    with services.DECODING.place(), acting_for(greenfield.id), pytest.raises(TooBusy):
        store_picture(picture())
    with acting_for(greenfield.id):
        assert store_picture(picture()).width


def test_one_shop_reads_so_many_pictures_an_hour_and_no_more(
    greenfield: Tenant, hillside: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenants.media.services.UPLOADS", 1)
    with acting_for(greenfield.id):
        store_picture(picture())
        with pytest.raises(TooMany):
            store_picture(picture())
    with acting_for(hillside.id):
        store_picture(picture())


def test_nothing_is_decoded_that_does_not_begin_as_a_picture(
    greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def decode(*_args: object, **_kwargs: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("tenants.media.services.subprocess.run", decode)
    for name in ("nothing", "text", "svg", "html named jpg", "gif", "pdf", "zip"):
        with acting_for(greenfield.id), pytest.raises(NotAPicture):
            store_picture(io.BytesIO(HOSTILE[name]))


def test_a_second_format_behind_the_picture_is_gone(greenfield: Tenant) -> None:
    polyglot = picture().getvalue() + b"PK\x03\x04<script>alert(1)</script>"
    with acting_for(greenfield.id):
        media = store_picture(io.BytesIO(polyglot))
        kept = read_file(tenant_id=greenfield.id, media_id=media.id, width=320) or b""

    assert b"script" not in kept


def test_too_large_and_too_many_are_refused(
    greenfield: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = io.BytesIO(picture().getvalue() + b"\0" * services.MOST_BYTES)
    with acting_for(greenfield.id), pytest.raises(PictureTooLarge):
        store_picture(huge)

    monkeypatch.setattr(services, "QUOTA_BYTES", 10)
    with acting_for(greenfield.id), pytest.raises(TooManyPictures):
        store_picture(picture())


def test_a_picture_is_shown_in_its_own_shop(
    greenfield: Tenant, shopper: Browser, neighbour: Browser
) -> None:
    with acting_for(greenfield.id):
        media = store_picture(picture())
        path = picture_path(media.id, 640)
        assert f"{path} 640w" in picture_srcset(media.id)

    answer = shopper.get(path)
    assert answer.status_code == 200
    assert answer.content_type == "image/webp"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in answer.headers
    assert neighbour.get(path).status_code == 404
    for wrong in (f"/media/{greenfield.id}/{uuid4()}/640.webp", path.replace("640", "641")):
        assert shopper.get(wrong).status_code == 404


def test_the_back_office_shows_it_to_those_who_work_there(
    greenfield: Tenant, ben: Browser, carol: Browser
) -> None:
    with acting_for(greenfield.id):
        path = picture_path(store_picture(picture()).id, 320)

    assert ben.get(path).status_code == 200
    assert "private" in ben.get(path).headers["Cache-Control"]
    assert carol.get(path).status_code == 404


def test_a_removed_picture_leaves_no_file(app: Flask, greenfield: Tenant) -> None:
    with acting_for(greenfield.id):
        media = store_picture(picture())
        remove_picture(media_id=media.id)
    run_due_jobs(app)

    assert read_file(tenant_id=greenfield.id, media_id=media.id, width=320) is None


def test_no_key_leaves_its_folder() -> None:
    with pytest.raises(ValueError, match="parse path"):
        put_file("../outside.webp", b"x")


def test_a_picture_of_another_shop_is_not_found(greenfield: Tenant, hillside: Tenant) -> None:
    with acting_for(greenfield.id):
        media = store_picture(picture())
    with acting_for(hillside.id), pytest.raises(Exception, match="picture_not_found"):
        get_picture(media.id)

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from PIL import Image

from kernel.assets import FOLDERS
from kernel.settings import ROOT

STATIC = ROOT / "kernel/static"
SAMPLES = ROOT / "storefront/shop/samples"
ROOMS = ("kernel", "tenants", "billing", "storefront", "admin")
TEMPLATES = sorted(path for room in ROOMS for path in (ROOT / room).glob("**/templates/**/*.html"))
PAGES = [path for path in TEMPLATES if "notices" not in path.parts and "mail" not in path.name]
KB = 1024


def zipped(*paths: Path) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


@pytest.mark.parametrize("surface", ["shop", "backoffice"])
def test_styles_and_scripts_of_a_page_stay_within_their_budgets(surface: str) -> None:
    own = STATIC / "css/sheaf.css"
    bootstrap = FOLDERS["/bootstrap/css"] / "bootstrap.min.css"

    assert own.stat().st_size < 25 * KB
    assert zipped(bootstrap, own, STATIC / f"css/{surface}.css") <= 40 * KB
    assert (STATIC / "js/sheaf.js").stat().st_size < 6 * KB
    assert zipped(STATIC / "js/sheaf.js", STATIC / "vendor/htmx.min.js") <= 30 * KB


def test_the_files_of_others_are_the_ones_we_wrote_down() -> None:
    noted = dict(
        re.findall(
            r"^\| `([^`]+)` .* `([0-9a-f]{64})` \|$",
            (STATIC / "vendor/README.md").read_text(),
            re.M,
        )
    )
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (STATIC / "vendor").iterdir()
        if path.name != "README.md"
    }
    assert found == noted


def test_stylesheets_ask_nobody_else_for_anything() -> None:
    for sheet in (STATIC / "css").glob("*.css"):
        css = sheet.read_text()
        assert "@import" not in css
        for address in re.findall(r'url\("?([^")]+)', css):
            assert (sheet.parent / address).resolve().is_file(), address


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_carry_no_style_and_no_script_of_their_own(path: Path) -> None:
    source = path.read_text()

    assert not re.search(r"<[^>]*\sstyle\s*=", source)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", source)
    assert not re.search(r"hx-on|hx-vars|javascript:|<style", source)
    assert all("nonce=" in tag for tag in re.findall(r"<script[^>]*>", source))


def test_every_icon_that_a_page_asks_for_is_drawn() -> None:
    drawn = set(
        re.findall(
            r'^  "([a-z]+)": \'<', (ROOT / "kernel/templates/ui/icon.html").read_text(), re.M
        )
    )
    asked = {
        name for path in TEMPLATES for name in re.findall(r'\bicon\("([a-z]+)"', path.read_text())
    }
    assert len(drawn) > 25
    assert asked <= drawn


@pytest.mark.parametrize("drawing", sorted(SAMPLES.glob("*.svg")), ids=lambda path: path.stem)
def test_every_sample_picture_has_its_raster_at_the_size_drawn(drawing: Path) -> None:
    size = re.match(r'<svg [^>]*viewBox="0 0 (\d+) (\d+)"', drawing.read_text())
    assert size is not None
    with Image.open(drawing.with_suffix(".webp")) as raster:
        assert raster.format == "WEBP"
        assert raster.size == (int(size[1]), int(size[2]))
    assert drawing.with_suffix(".webp").stat().st_size < 100 * KB

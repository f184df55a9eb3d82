"""Decodes a stranger's picture and writes it anew; run alone, in a process that may do little.

Usage: shrink.py <picture> <folder> <most pixels> <width>...   Prints the largest size as JSON, or
why the picture is refused. Nothing of the file survives but its pixels: no EXIF, no position, no
second format hidden behind the first.
"""

import io
import json
import resource
import sys
import warnings
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

MEGA = 1024 * 1024
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
LIMITS = (
    (resource.RLIMIT_CPU, 20),
    (resource.RLIMIT_AS, 1536 * MEGA),
    (resource.RLIMIT_FSIZE, 16 * MEGA),
    (resource.RLIMIT_NPROC, 64),
    (resource.RLIMIT_CORE, 0),
)


def limit_this_process() -> None:
    """From here on a bomb ends this process and nothing else."""
    for kind, most in LIMITS:
        resource.setrlimit(kind, (most, most))


def read_picture(path: Path, widest: int, most_pixels: int) -> Image.Image:
    """The first frame, upright, in sRGB; refuses more pixels than a camera makes."""
    Image.MAX_IMAGE_PIXELS = most_pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    picture = Image.open(path, formats=FORMATS)
    picture.draft("RGB", (widest * 2, widest * 2))
    picture.load()
    return ImageOps.exif_transpose(_in_srgb(picture))


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    if profile and picture.mode in ("RGB", "RGBA", "CMYK"):
        try:
            made = ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"), outputMode=mode,
            )  # fmt: skip
        except (ImageCms.PyCMSError, OSError):
            return picture.convert(mode)  # a broken profile is dropped, the picture stays
        assert made is not None, "profileToProfile returns an image unless it works in place"
        return made
    return picture.convert(mode)


def write_sizes(picture: Image.Image, folder: Path, widths: list[int]) -> tuple[int, int]:
    """One WebP a width, never larger than the original; returns the largest size."""
    size = (0, 0)
    for width in widths:
        made = picture.copy()
        made.thumbnail((width, width * 3), Image.Resampling.LANCZOS)
        made.info = {}
        made.save(folder / f"{width}.webp", "WEBP", quality=80, method=4)
        size = max(size, made.size)
    return size


def main(source: str, folder: str, most_pixels: str, *widths: str) -> None:
    """Read, write, and say how large the largest became."""
    limit_this_process()
    wanted = [int(width) for width in widths]
    try:
        picture = read_picture(Path(source), max(wanted), int(most_pixels))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        sys.stdout.write(json.dumps({"refused": "too many pixels"}))
        return
    width, height = write_sizes(picture, Path(folder), wanted)
    sys.stdout.write(json.dumps({"width": width, "height": height}))


if __name__ == "__main__":
    main(*sys.argv[1:])

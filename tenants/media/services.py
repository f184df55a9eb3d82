"""Taking pictures in: into a file, past a guard, through a process of its own, out as WebP."""

import hashlib
import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from uuid import UUID

from kernel.bulkhead import Bulkhead
from kernel.db import assert_no_transaction, new_id, transaction
from kernel.errors import TooBusy
from kernel.outbox import announce
from kernel.scope import current_tenant_id
from tenants.audit.actors import current_actor
from tenants.media.errors import (
    NotAPicture,
    PictureTakesTooLong,
    PictureTooLarge,
    TooManyPictures,
    TooManyPixels,
)
from tenants.media.models import MediaFile
from tenants.media.queries import get_picture, stored_bytes
from tenants.media.rules import (
    MOST_BYTES,
    MOST_PIXELS,
    QUOTA_BYTES,
    WIDTHS,
    file_key,
    looks_like_a_picture,
)
from tenants.media.store import drop_file, put_file
from tenants.sessions.throttle import spend

SHRINK = Path(__file__).with_name("shrink.py")
HANGS = 120
MEGA = 1024 * 1024
OUT_OF_TIME = {-signal.SIGXCPU, -signal.SIGKILL}  # what RLIMIT_CPU ends a process with
# One after the other: a picture needs a core for a second, and the pages need the rest.
DECODING = Bulkhead(1, wait_seconds=20)
UPLOADS, STRETCH = 200, 60  # pictures of one shop in an hour, refused ones too


@dataclass(frozen=True)
class Shrunk:
    """A picture written anew in every width, and what it came from."""

    files: dict[int, bytes]
    width: int
    height: int
    sha256: str

    @property
    def total_bytes(self) -> int:
        return sum(len(content) for content in self.files.values())


def store_picture(stream: IO[bytes], *, alt: str = "") -> MediaFile:
    """The picture belongs to the shop acted for, in three widths, with nothing but its pixels.

    Refused: what is too large, what is no picture, more than the shop's share of space or of
    tries, and with TooBusy while others are read. Call it outside transaction(): it works on files
    and takes about a second.
    """
    assert_no_transaction()
    spend(f"pictures|{current_tenant_id()}", limit=UPLOADS, minutes=STRETCH)
    return keep_picture(shrink(stream), alt=alt)


def keep_picture(shrunk: Shrunk, *, alt: str = "") -> MediaFile:
    """A picture that was written anew belongs to the shop acted for.

    Refused: more than the shop's share of space. Call it outside transaction().
    """
    assert_no_transaction()
    if stored_bytes() + shrunk.total_bytes > QUOTA_BYTES:
        raise TooManyPictures(megabytes=QUOTA_BYTES // MEGA)
    media_id = new_id()
    for width, content in shrunk.files.items():
        put_file(file_key(current_tenant_id(), media_id, width), content)
    with transaction() as session:
        media = MediaFile(
            id=media_id,
            sha256=shrunk.sha256,
            width=shrunk.width,
            height=shrunk.height,
            stored_bytes=shrunk.total_bytes,
            alt=alt,
            uploaded_by=current_actor().id,
        )
        session.add(media)
    return media


def remove_picture(*, media_id: UUID) -> None:
    """The picture is gone, and its files soon after. Nothing may refer to it any more."""
    with transaction() as session:
        session.delete(get_picture(media_id))
        announce("media.removed", media_id=media_id)


def drop_files(media_id: UUID) -> None:
    """No file of the picture is left."""
    assert_no_transaction()
    for width in WIDTHS:
        drop_file(file_key(current_tenant_id(), media_id, width))


def shrink(stream: IO[bytes]) -> Shrunk:
    """Decode and write anew in a process with little time and memory; refuses what fails there."""
    with TemporaryDirectory(prefix="sheaf-picture-") as folder:
        source = Path(folder) / "source"
        digest = _copy(stream, source)
        command = [
            sys.executable,
            "-I",
            str(SHRINK),
            str(source),
            folder,
            *map(str, (MOST_PIXELS, *WIDTHS)),
        ]
        size = _run(command, folder)
        files = {width: (Path(folder) / f"{width}.webp").read_bytes() for width in WIDTHS}
    return Shrunk(files, size["width"], size["height"], digest)


def _run(command: list[str], folder: str) -> dict[str, int]:
    """The size that the script tells. Its time is counted in CPU seconds, by the script itself;
    the clock on the wall only ends what hangs."""
    with DECODING.place():
        try:
            done = subprocess.run(  # noqa: S603 - our own script on a file we named
                command, capture_output=True, timeout=HANGS, check=False, env={}, cwd=folder
            )
        except subprocess.TimeoutExpired as error:
            raise TooBusy(field="photo") from error
    if done.returncode in OUT_OF_TIME:
        raise PictureTakesTooLong
    if done.returncode != 0:
        raise NotAPicture
    told: dict[str, int] = json.loads(done.stdout)
    if "refused" in told:
        raise TooManyPixels(megapixels=MOST_PIXELS // 1_000_000)
    return told


def _copy(stream: IO[bytes], target: Path) -> str:
    digest, total = hashlib.sha256(), 0
    with target.open("wb") as file:
        while block := stream.read(64 * 1024):
            if total == 0 and not looks_like_a_picture(block):
                raise NotAPicture
            total += len(block)
            if total > MOST_BYTES:
                raise PictureTooLarge(megabytes=MOST_BYTES // MEGA)
            digest.update(block)
            file.write(block)
    if total == 0:
        raise NotAPicture
    return digest.hexdigest()

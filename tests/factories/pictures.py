"""Picture files, honest and hostile."""

import io
import struct
import zlib

from PIL import Image


def picture(
    width: int = 900, height: int = 600, *, kind: str = "JPEG", exif: bytes = b"", mode: str = "RGB"
) -> io.BytesIO:
    """A picture of one colour with a darker corner."""
    made = Image.new("RGB", (width, height), "seagreen")
    made.paste("darkgreen", (0, 0, max(1, width // 4), max(1, height // 4)))
    made = made.convert(mode)
    stream = io.BytesIO()
    made.save(stream, kind, **({"exif": exif} if exif else {}))
    stream.seek(0)
    return stream


def picture_with_position() -> io.BytesIO:
    """A phone's photo: lying on its side, and it says where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    exif[0x010F] = "Secret Phone"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return picture(800, 400, exif=exif.tobytes())


def bomb(width: int = 60_000, height: int = 60_000) -> io.BytesIO:
    """A few hundred kilobytes that say they are billions of pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (width // 8 + 1) * 200)
    return io.BytesIO(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )

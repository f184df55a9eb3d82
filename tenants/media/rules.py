"""What is taken as a picture, and where its files lie."""

from uuid import UUID

WIDTHS = (320, 640, 1280)
MOST_PIXELS = 40_000_000
MOST_BYTES = 12 * 1024 * 1024
QUOTA_BYTES = 500 * 1024 * 1024


def looks_like_a_picture(head: bytes) -> bool:
    """Whether a file begins as the four formats do that are decoded; its name says nothing."""
    return (
        head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))
        or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and b"avif" in head[8:32])
    )


def file_key(tenant_id: UUID, media_id: UUID, width: int) -> str:
    """The name of one size of a picture: under its tenant's own key, never from a person."""
    return f"{tenant_id}/{media_id}/{width}.webp"

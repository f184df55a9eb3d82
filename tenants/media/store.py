"""Where picture files lie: a folder, or a bucket named by SHEAF_MEDIA_URL (such as s3://…)."""

from functools import lru_cache

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

from kernel.settings import settings


def put_file(key: str, content: bytes) -> None:
    """The file is there, in place of any before it."""
    obstore.put(_store(settings().media_url, settings().instance_dir), key, content)


def find_file(key: str) -> bytes | None:
    """The file's content, or None."""
    try:
        found = obstore.get(_store(settings().media_url, settings().instance_dir), key)
    except FileNotFoundError:
        return None
    return bytes(found.bytes())


def drop_file(key: str) -> None:
    """The file is gone, whether it was there or not."""
    try:
        obstore.delete(_store(settings().media_url, settings().instance_dir), key)
    except FileNotFoundError:
        return


@lru_cache(maxsize=4)
def _store(url: str, instance_dir: str) -> ObjectStore:
    if url:
        return from_url(url)
    return LocalStore(prefix=f"{instance_dir}/media", mkdir=True)

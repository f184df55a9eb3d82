"""By what name a thing at Stripe knows ours: metadata, where others may write as well.

Our names carry a prefix. What is missing, foreign or unreadable names nothing, and a name is only
a hint: whoever follows it compares what it leads to.
"""

from collections.abc import Mapping
from uuid import UUID

_PREFIX = "sheaf_"


def names(**ours: UUID) -> dict[str, str]:
    """Metadata that names these things of ours."""
    return {f"{_PREFIX}{name}": str(value) for name, value in ours.items()}


def named(metadata: Mapping[str, str], name: str) -> UUID | None:
    """The id of ours that the metadata names, also under the bare name that we used at first."""
    for key in (f"{_PREFIX}{name}", name):
        try:
            return UUID(str(metadata[key]))
        except (KeyError, ValueError):
            continue
    return None

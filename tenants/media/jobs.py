"""Files follow their rows."""

from uuid import UUID

from kernel.db import transaction
from kernel.jobs import complete_job, network_job
from tenants.media.services import drop_files


@network_job(queue="sweep")
def drop_removed_files(*, media_id: UUID) -> None:
    """The files of a removed picture are gone; running it twice changes nothing."""
    drop_files(media_id)
    with transaction():
        complete_job()

"""What people say about themselves."""

from uuid import UUID

from kernel.db import transaction
from tenants.names.services import check_person_name
from tenants.people.errors import NeedsName
from tenants.people.queries import get_person

MAX_NAME = 80


def change_person(*, person_id: UUID, name: str, language: str) -> None:
    """The person is called this and reads this language. Refused: no name, a very long
    one, and Sheaf's own."""
    if not 0 < len(name.strip()) <= MAX_NAME:
        raise NeedsName
    check_person_name(name)
    with transaction():
        person = get_person(person_id, lock=True)
        person.name, person.language = name.strip(), language

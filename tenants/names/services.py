"""Taking a name."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from kernel.db import db, new_id, transaction
from kernel.scope import acted_for, current_tenant_id
from tenants.names.errors import NameIsThePlatforms, NameTaken
from tenants.names.models import ShopName
from tenants.names.rules import look_of, speaks_as_the_platform


def check_person_name(name: str, *, field: str = "name") -> None:
    """Refused: a name that would be taken for Sheaf itself."""
    if speaks_as_the_platform(name):
        raise NameIsThePlatforms(field=field)


def check_shop_name(name: str, *, field: str = "name") -> None:
    """Refused: the platform's name, and one that another shop than the one acted for has."""
    check_person_name(name, field=field)
    query = select(ShopName.tenant_id).where(ShopName.look == look_of(name))
    owner = db.session.scalars(query).one_or_none()
    if owner is not None and owner != acted_for():
        raise NameTaken(field=field)


def claim_shop_name(name: str, *, field: str = "name") -> None:
    """The shop acted for has this name and no longer its former one. Refused as in checking, also
    when another shop claims it at the same moment."""
    check_shop_name(name, field=field)
    with transaction() as session:
        wanted = look_of(name)
        mine = select(ShopName).where(ShopName.tenant_id == current_tenant_id())
        known = session.scalars(mine).one_or_none()
        if known is not None and known.look == wanted:
            return
        if known is not None:
            session.delete(known)
            session.flush()
        claim = insert(ShopName).values(id=new_id(), tenant_id=current_tenant_id(), look=wanted)
        made = session.scalars(claim.on_conflict_do_nothing().returning(ShopName.id))
        if made.one_or_none() is None:
            raise NameTaken(field=field)

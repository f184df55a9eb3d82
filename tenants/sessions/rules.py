"""How long a sign-in lasts: unused, and at most."""

from dataclasses import dataclass
from datetime import timedelta

from tenants.sessions.models import Realm


@dataclass(frozen=True)
class Lifetime:
    """`idle` ends a sign-in that is not used, `total` any; `touch` is how exactly use is noted."""

    idle: timedelta
    total: timedelta
    touch: timedelta


LIFETIMES = {
    Realm.MERCHANT: Lifetime(timedelta(days=7), timedelta(days=30), timedelta(minutes=5)),
    Realm.STAFF: Lifetime(timedelta(minutes=30), timedelta(hours=12), timedelta(minutes=1)),
}
SHOPPER = Lifetime(timedelta(days=30), timedelta(days=90), timedelta(hours=1))
PROOF_GOOD_FOR = timedelta(minutes=10)
WRONG_PROOFS = 5  # then the sign-in itself is over

"""Answers one HTTP call of the API: whose, what, once, and with the faults asked for."""

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from http import HTTPStatus

from billing.sandbox import encoding, idempotency, params, routes
from billing.sandbox.calls import Call
from billing.sandbox.errors import ConnectionCut, Refusal, broken, too_many
from billing.sandbox.idempotency import Answer, Keys
from billing.sandbox.keys import PLATFORM_KEY, account_of
from billing.sandbox.world import World

CUT = 0  # the status of a call that got no answer
_REMEMBERED_CALLS = 1_000


@dataclass(frozen=True)
class Message:
    """A request as it came over the wire."""

    method: str
    path: str
    pairs: list[tuple[str, str]]
    headers: Mapping[str, str]

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def key(self) -> str | None:
        return self.headers.get("Idempotency-Key") if self.method == "POST" else None


@dataclass(frozen=True)
class Seen:
    """A call that arrived, for tests that ask what was sent."""

    label: str
    account: str | None
    idempotency_key: str | None
    headers: dict[str, str]
    status: int


class Api:
    """`nudge` is called after each change, so that webhooks leave at once."""

    def __init__(self, world: World, nudge: Callable[[], None]) -> None:
        self._world = world
        self._nudge = nudge
        self._keys = Keys(world)
        self.seen: deque[Seen] = deque(maxlen=_REMEMBERED_CALLS)

    def answer(self, message: Message) -> Answer:
        """Raises ConnectionCut when the caller is to get no answer at all."""
        account: str | None = None
        status = CUT
        try:
            account = self._account(message)
            answer = self._once(message, account)
            status = answer.status
        except Refusal as refusal:
            answer = idempotency.of_refusal(refusal)
            status = answer.status
        finally:
            self._nudge()
            headers = {**message.headers}
            headers.pop("Authorization", None)
            self.seen.append(Seen(message.label, account, message.key, headers, status))
        return answer

    def _account(self, message: Message) -> str:
        return account_of(
            self._world.store,
            authorization=message.headers.get("Authorization", ""),
            stripe_account=message.headers.get("Stripe-Account"),
        )

    def _once(self, message: Message, account: str) -> Answer:
        key = message.key
        mark = idempotency.fingerprint(message.method, message.path, message.pairs)
        with self._keys.use(account, key) if key else nullcontext():
            self._strike("before", message.label)

            def save(answer: Answer) -> None:
                if key:
                    self._keys.save(account, key, mark, answer)

            saved = self._keys.saved(account, key, mark) if key else None
            answer = saved or self._perform(message, account, save)
            self._strike("after", message.label)
            return answer

    def _perform(self, message: Message, account: str, save: Callable[[Answer], None]) -> Answer:
        route, call = self._call(message, account)  # a call refused here is never saved
        failed = self._fail_before(message.label, save)
        if failed is not None:
            return failed
        try:
            with self._world.store.transaction():
                true = Answer(HTTPStatus.OK, route.handler(call))
                answer = self._fail_after(message.label, true, save)
        except Refusal as refusal:
            answer = idempotency.of_refusal(refusal)
            save(answer)
        return answer

    def _call(self, message: Message, account: str) -> tuple[routes.Route, Call]:
        found = routes.match(message.method, message.path)
        if found is None:
            raise Refusal(
                f"Unrecognized request URL ({message.method}: {message.path}).",
                status=HTTPStatus.NOT_FOUND,
            )
        route, ids = found
        given = params.validate(route.params, encoding.decode(message.pairs))
        by_platform = message.headers.get("Authorization", "").endswith(f" {PLATFORM_KEY}")
        return route, Call(self._world, account, given, ids, by_platform, message.path)

    def _fail_before(self, label: str, save: Callable[[Answer], None]) -> Answer | None:
        switches = self._world.switches
        saved = switches.now.saved
        if not switches.take("fail_before", call=label):
            return None
        failure = idempotency.of_refusal(broken())
        if not saved:
            return failure
        save(failure)
        return replace(failure, again=False)

    def _fail_after(self, label: str, true: Answer, save: Callable[[Answer], None]) -> Answer:
        switches = self._world.switches
        saved = switches.now.saved
        if not switches.take("fail_after", call=label):
            save(true)
            return true
        failure = idempotency.of_refusal(broken())
        save(failure if saved else true)
        return replace(failure, again=False) if saved else failure

    def _strike(self, moment: str, label: str) -> None:
        switches = self._world.switches
        if switches.take(f"hang_{moment}", call=label):
            self._nudge()
            self._world.closing.wait(switches.now.hang_seconds)
        if switches.take(f"cut_{moment}", call=label):
            raise ConnectionCut
        if moment == "before" and switches.take("rate_limit", call=label):
            raise too_many()

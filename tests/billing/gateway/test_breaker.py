"""One slow or absent Stripe holds up nobody who does not pay."""

from threading import Event, Thread

import pytest

from billing import gateway
from billing.gateway import Credentials, breaker, client
from billing.gateway.breaker import AT_ONCE, FAILURES, REST_SECONDS, Breaker, breaker_for
from billing.gateway.errors import GatewayUnavailable
from billing.sandbox import Sandbox


def ask(credentials: Credentials) -> None:
    gateway.get_account(credentials=credentials)


def test_after_some_failures_nobody_waits_for_stripe_any_more(
    sandbox: Sandbox, greenfield: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.switch(cut_before=FAILURES)
    for _ in range(FAILURES):
        with pytest.raises(GatewayUnavailable):
            ask(greenfield)
    before = len(sandbox.calls)
    with pytest.raises(GatewayUnavailable, match="known to be down"):
        ask(greenfield)
    assert len(sandbox.calls) == before, "nothing was sent"

    found = breaker_for(sandbox.url)
    monkeypatch.setattr(found, "_opened_at", found._opened_at - REST_SECONDS)
    ask(greenfield)
    ask(greenfield)
    assert len(sandbox.calls) == before + 2


def test_a_plain_no_is_an_answer_and_opens_nothing(
    sandbox: Sandbox, greenfield: Credentials
) -> None:
    for _ in range(FAILURES + 2):
        with pytest.raises(gateway.GatewayRefused):
            gateway.get_checkout_session(credentials=greenfield, session_id="cs_none")


def test_while_it_rests_one_probe_goes_through_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(breaker.time, "monotonic", lambda: now[0])
    closed = Breaker("somewhere")
    for _ in range(FAILURES):
        closed.fail()
    now[0] += REST_SECONDS
    with closed.calling():
        with pytest.raises(GatewayUnavailable), closed.calling():
            raise AssertionError("a second probe")
        closed.fail()
    with pytest.raises(GatewayUnavailable), closed.calling():
        raise AssertionError("it rests again")
    now[0] += REST_SECONDS
    with closed.calling():
        closed.succeed()
    with closed.calling():
        pass


def test_calls_under_way_are_bounded_and_the_next_is_answered_at_once() -> None:
    bounded, go, began = Breaker("somewhere"), Event(), []

    def hang() -> None:
        with bounded.calling():
            began.append(1)
            go.wait(10)

    threads = [Thread(target=hang) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    while len(began) < AT_ONCE:
        pass
    with pytest.raises(GatewayUnavailable, match="under way"), bounded.calling():
        raise AssertionError("one too many")
    go.set()
    for thread in threads:
        thread.join()
    with bounded.calling():
        pass


def test_a_person_waits_five_seconds_at_most_and_a_call_is_not_repeated_for_them() -> None:
    connect, read = client.INTERACTIVE
    assert read <= 5
    assert connect <= read
    assert client.RETRIES[client.INTERACTIVE] == 0


def test_a_probe_that_ends_in_any_way_does_not_keep_the_breaker_open_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(breaker.time, "monotonic", lambda: now[0])
    broken = Breaker("somewhere")
    for _ in range(FAILURES):
        broken.fail()
    now[0] += REST_SECONDS
    with pytest.raises(TimeoutError), broken.calling():
        raise TimeoutError  # as a job's time limit does
    with broken.calling():
        broken.succeed()

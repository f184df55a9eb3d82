from billing.sandbox import Sandbox
from tests.billing.sandbox.caller import Caller


def ids(page: dict[str, object]) -> list[str]:
    return [one["id"] for one in page["data"]]  # type: ignore[attr-defined]  # JSON


def test_a_list_is_newest_first_and_paged_both_ways(greenfield: Caller) -> None:
    made = [greenfield.check_out()["id"] for _ in range(5)][::-1]
    path = "/v1/checkout/sessions"

    first = greenfield.get(path, limit="2")
    after = greenfield.get(path, limit="2", starting_after=made[1])
    before = greenfield.get(path, limit="2", ending_before=made[3])

    assert (ids(first), first["has_more"]) == (made[:2], True)
    assert (ids(after), after["has_more"]) == (made[2:4], True)
    assert (ids(before), before["has_more"]) == (made[1:3], True)
    assert greenfield.get(path, starting_after=made[3])["has_more"] is False


def test_a_cursor_of_another_account_is_refused(greenfield: Caller, hillside: Caller) -> None:
    other = hillside.check_out()["id"]
    path = f"/v1/checkout/sessions?starting_after={other}"
    assert greenfield.refused(path, method="GET")["code"] == "resource_missing"


def test_events_are_found_by_type_and_time(sandbox: Sandbox, greenfield: Caller) -> None:
    greenfield.paid()
    later = sandbox.world.now() + 3600
    sandbox.advance(3600)
    greenfield.paid()

    one = greenfield.get("/v1/events", type="payment_intent.succeeded")["data"]
    group = greenfield.get("/v1/events", type="payment_intent.*")["data"]
    recent = greenfield.get(
        "/v1/events", **{"created[gte]": str(later), "types[]": "charge.succeeded"}
    )["data"]

    assert (len(one), len(group), len(recent)) == (2, 4, 1)
    assert recent[0]["data"]["object"]["object"] == "charge"
    assert "account" not in recent[0]  # only a webhook says it; a list is of one account


def test_events_are_kept_for_thirty_days(sandbox: Sandbox, greenfield: Caller) -> None:
    greenfield.paid()
    sandbox.advance(31 * 24 * 3600)

    assert greenfield.events() == []

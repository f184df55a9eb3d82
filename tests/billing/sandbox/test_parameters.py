import pytest

from tests.billing.sandbox.caller import CHECKOUT, Caller


def refusal(caller: Caller, **changes: str | None) -> tuple[str | None, str | None]:
    asked = {name: value for name, value in {**CHECKOUT, **changes}.items() if value is not None}
    error = caller.refused("/v1/checkout/sessions", asked)
    assert error["status"] == 400
    assert error["type"] == "invalid_request_error"
    return error.get("code"), error.get("param")


def test_a_parameter_the_provider_does_not_know_is_refused(greenfield: Caller) -> None:
    assert refusal(greenfield, bogus="1") == ("parameter_unknown", "bogus")
    assert greenfield.get("/v1/checkout/sessions")["data"] == []


def test_a_nested_parameter_is_named_in_full(greenfield: Caller) -> None:
    price = "line_items[0][price_data][cost]"
    assert refusal(greenfield, **{price: "1"}) == ("parameter_unknown", price)


@pytest.mark.parametrize("name", ["stripe_account", "idempotency_key", "api_key"])
def test_what_travels_as_a_header_is_no_parameter(greenfield: Caller, name: str) -> None:
    assert refusal(greenfield, **{name: "x"}) == ("parameter_unknown", name)


@pytest.mark.parametrize(
    "name",
    ["mode", "success_url", "line_items[0][price_data][currency]", "line_items[0][quantity]"],
)
def test_a_missing_parameter_is_refused(greenfield: Caller, name: str) -> None:
    assert refusal(greenfield, **{name: None}) == ("parameter_missing", name)


def test_an_amount_that_is_no_whole_number_is_refused(greenfield: Caller) -> None:
    amount = "line_items[0][price_data][unit_amount]"
    assert refusal(greenfield, **{amount: "12.50"}) == ("parameter_invalid_integer", amount)


def test_an_empty_string_is_refused_where_nothing_can_be_unset(greenfield: Caller) -> None:
    assert refusal(greenfield, success_url="") == ("parameter_invalid_empty", "success_url")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mode", "pay"),
        ("locale", "zh_Hans_CN"),
        ("line_items", "carrots"),
        ("success_url", "greenfield"),
        ("customer_email", "ben"),
        ("expires_at", "1"),
        ("success_url[0]", "http://x.test"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(greenfield: Caller, name: str, value: str) -> None:
    whole = name.partition("[")[0]
    _, param = refusal(greenfield, **{whole: None, name: value})
    assert param == whole


def test_too_little_to_charge_is_refused(greenfield: Caller) -> None:
    amount = {"line_items[0][price_data][unit_amount]": "49"}
    assert refusal(greenfield, **amount)[0] == "amount_too_small"


def test_two_currencies_never_meet_on_one_page(greenfield: Caller) -> None:
    second = {
        "line_items[1][price_data][currency]": "usd",
        "line_items[1][price_data][unit_amount]": "100",
        "line_items[1][price_data][product_data][name]": "Leeks",
        "line_items[1][quantity]": "1",
    }
    assert refusal(greenfield, **second) == (None, "line_items")


def test_more_metadata_than_is_stored_is_refused(greenfield: Caller) -> None:
    assert refusal(greenfield, **{"metadata[order]": "x" * 501}) == (None, "metadata[order]")


def test_a_fee_needs_a_connected_account_and_fits_into_the_amount(
    platform: Caller, greenfield: Caller
) -> None:
    fee = "payment_intent_data[application_fee_amount]"
    assert refusal(platform, **{fee: "31"}) == (None, fee)
    assert refusal(greenfield, **{fee: "1251"})[1] == fee
    assert refusal(greenfield, **{fee: "-1"}) == (None, fee)


def test_an_unknown_address_and_an_unknown_expansion_are_refused(greenfield: Caller) -> None:
    assert greenfield.refused("/v1/cows")["status"] == 404
    session = greenfield.check_out()
    error = greenfield.refused(
        f"/v1/checkout/sessions/{session['id']}", {"expand[]": "cow"}, method="GET"
    )
    assert error["status"] == 400

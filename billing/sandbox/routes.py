"""Every call the sandbox answers, with the class that says what it may carry."""

import re
from collections.abc import Callable
from typing import NamedTuple

from stripe import params as p
from stripe.params import checkout

from billing.sandbox.calls import Call
from billing.sandbox.resources import (
    account_links,
    accounts,
    application_fees,
    balance,
    disputes,
    events,
    payment_intents,
    refunds,
    sessions,
    webhook_endpoints,
)
from billing.sandbox.store import Thing


class Route(NamedTuple):
    """`{}` in the path stands for an id."""

    method: str
    path: str
    params: type
    handler: Callable[[Call], Thing]

    def ids(self, method: str, path: str) -> tuple[str, ...] | None:
        """The ids in a path that this route answers, else None."""
        if method != self.method:
            return None
        pattern = re.escape(self.path).replace(r"\{\}", "([^/]+)")
        match = re.fullmatch(pattern, path)
        return match.groups() if match else None


ROUTES = (
    Route("GET", "/v1/account", p.AccountRetrieveCurrentParams, accounts.retrieve_current),
    Route("POST", "/v1/accounts", p.AccountCreateParams, accounts.create),
    Route("GET", "/v1/accounts", p.AccountListParams, accounts.list_all),
    Route("GET", "/v1/accounts/{}", p.AccountRetrieveParams, accounts.retrieve),
    Route("POST", "/v1/accounts/{}", p.AccountUpdateParams, accounts.update),
    Route("POST", "/v1/account_links", p.AccountLinkCreateParams, account_links.create),
    Route("POST", "/v1/checkout/sessions", checkout.SessionCreateParams, sessions.create),
    Route("GET", "/v1/checkout/sessions", checkout.SessionListParams, sessions.list_all),
    Route("GET", "/v1/checkout/sessions/{}", checkout.SessionRetrieveParams, sessions.retrieve),
    Route("POST", "/v1/checkout/sessions/{}/expire", checkout.SessionExpireParams, sessions.expire),
    Route("GET", "/v1/payment_intents", p.PaymentIntentListParams, payment_intents.list_all),
    Route(
        "GET",
        "/v1/payment_intents/{}",
        p.PaymentIntentRetrieveParams,
        payment_intents.retrieve,
    ),
    Route("GET", "/v1/charges", p.ChargeListParams, payment_intents.list_charges),
    Route("GET", "/v1/charges/{}", p.ChargeRetrieveParams, payment_intents.retrieve_charge),
    Route("POST", "/v1/refunds", p.RefundCreateParams, refunds.create),
    Route("GET", "/v1/refunds", p.RefundListParams, refunds.list_all),
    Route("GET", "/v1/refunds/{}", p.RefundRetrieveParams, refunds.retrieve),
    Route("GET", "/v1/disputes", p.DisputeListParams, disputes.list_all),
    Route("GET", "/v1/disputes/{}", p.DisputeRetrieveParams, disputes.retrieve),
    Route("GET", "/v1/application_fees", p.ApplicationFeeListParams, application_fees.list_all),
    Route(
        "GET",
        "/v1/application_fees/{}",
        p.ApplicationFeeRetrieveParams,
        application_fees.retrieve,
    ),
    Route(
        "POST",
        "/v1/application_fees/{}/refunds",
        p.ApplicationFeeRefundCreateParams,
        application_fees.refund,
    ),
    Route(
        "GET",
        "/v1/application_fees/{}/refunds",
        p.ApplicationFeeRefundListParams,
        application_fees.list_refunds,
    ),
    Route(
        "GET",
        "/v1/application_fees/{}/refunds/{}",
        p.ApplicationFeeRefundRetrieveParams,
        application_fees.retrieve_refund,
    ),
    Route("GET", "/v1/events", p.EventListParams, events.list_all),
    Route("GET", "/v1/events/{}", p.EventRetrieveParams, events.retrieve),
    Route("GET", "/v1/balance", p.BalanceRetrieveParams, balance.retrieve),
    Route(
        "POST",
        "/v1/webhook_endpoints",
        p.WebhookEndpointCreateParams,
        webhook_endpoints.create,
    ),
    Route("GET", "/v1/webhook_endpoints", p.WebhookEndpointListParams, webhook_endpoints.list_all),
    Route(
        "GET",
        "/v1/webhook_endpoints/{}",
        p.WebhookEndpointRetrieveParams,
        webhook_endpoints.retrieve,
    ),
    Route(
        "POST",
        "/v1/webhook_endpoints/{}",
        p.WebhookEndpointUpdateParams,
        webhook_endpoints.update,
    ),
    Route(
        "DELETE",
        "/v1/webhook_endpoints/{}",
        p.WebhookEndpointDeleteParams,
        webhook_endpoints.delete,
    ),
)


def match(method: str, path: str) -> tuple[Route, tuple[str, ...]] | None:
    for route in ROUTES:
        ids = route.ids(method, path)
        if ids is not None:
            return route, ids
    return None

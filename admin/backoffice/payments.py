"""How shoppers pay the shop: its Stripe account, a key of its own, and money at pick-up."""

from babel import Locale
from flask import Response, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, lazy_gettext
from pypinyin import lazy_pinyin
from wtforms import BooleanField, PasswordField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.payment_words import Standing, standing_of
from billing.connections.models import ConnectionMode, PaymentConnection
from billing.connections.queries import find_connection
from billing.connections.rules import COUNTRIES, likely_country
from billing.connections.services import (
    begin_onboarding,
    choose_mode,
    refresh_account,
    set_at_pickup,
)
from billing.payments.services.leave_account import remove_own_key, save_own_key
from kernel.forms import SheafForm
from kernel.policy import public
from kernel.settings import settings
from tenants.people.queries import get_person
from tenants.people.rules import Permission

PASTED = {"autocomplete": "off", "spellcheck": "false"}


class OnboardingForm(SheafForm):
    """Where the cooperative is registered."""

    country = SelectField(lazy_gettext("Country of your cooperative"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        territories = (get_locale() or Locale.parse("en")).territories
        named = sorted(COUNTRIES, key=lambda code: lazy_pinyin(territories[code]))
        self.country.choices = [SelectChoice(code, territories[code]) for code in named]


class OwnKeyForm(SheafForm):
    """A secret key, pasted."""

    key = PasswordField(
        lazy_gettext("Secret key"), [InputRequired(lazy_gettext("Paste the secret key."))]
    )


class ModeForm(SheafForm):
    """Through what online payments go."""

    mode = RadioField(
        lazy_gettext("Online payments go through"),
        choices=[
            SelectChoice("connect", lazy_gettext("The connected Stripe account")),
            SelectChoice("own_keys", lazy_gettext("Your own Stripe key")),
            SelectChoice("none", lazy_gettext("Nothing: take no online payments")),
        ],
    )


class AtPickupForm(SheafForm):
    """Whether money is taken at pick-up."""

    enabled = BooleanField(lazy_gettext("Shoppers may pay when they fetch their order"))


class EmptyForm(SheafForm):
    """A button."""


@backoffice.get("/payments")
@requires(Permission.EDIT_PAYMENTS)
def show_payments() -> ResponseReturnValue:
    """How shoppers can pay now, and what is missing."""
    return payments_page()


@backoffice.post("/payments/onboarding")
@requires(Permission.EDIT_PAYMENTS, step_up=True)
def begin_stripe_onboarding() -> ResponseReturnValue:
    """On to Stripe, by a link made for this click."""
    form = OnboardingForm()
    if form.validate():
        url = form.attempt(
            begin_onboarding,
            country=form.country.data,
            email=get_person(g.member.person_id).email,
            return_url=_address("arrive_from_stripe"),
            refresh_url=_address("arrive_from_stripe"),
        )
        if url is not None:
            return redirect(url, 303)
    return payments_page(onboarding=form)


@backoffice.get("/payments/onboarding/return")
@public
def arrive_from_stripe() -> ResponseReturnValue:
    """The way back in. A browser that comes from Stripe shows no strict cookies yet, so this page
    knows nobody, proves nothing, and only leads on; from here the cookies come along."""
    onward = url_for("backoffice.check_stripe_account")
    page = render_template("backoffice/payments/arrive.html", onward=onward)
    return Response(page, headers={"Refresh": f"0; url={onward}"})


@backoffice.get("/payments/account")
@requires(Permission.EDIT_PAYMENTS)
def check_stripe_account() -> ResponseReturnValue:
    """Ask Stripe how the account stands; what the address claims is not asked."""
    form = EmptyForm()
    connection = form.attempt(refresh_account)
    if form.refusal:
        flash(form.refusal, "warn")
    elif connection is not None and connection.charges_enabled:
        flash(gettext("Stripe is ready: shoppers can pay online."), "ok")
    elif connection is not None:
        flash(gettext("Stripe still needs something before shoppers can pay online."), "info")
    return redirect(url_for("backoffice.show_payments"), 303)


@backoffice.post("/payments/own-key")
@requires(Permission.EDIT_PAYMENTS, step_up=True)
def save_key() -> ResponseReturnValue:
    """Take payments with the shop's own key from now on."""
    form = OwnKeyForm()
    if form.validate() and form.succeeds(save_own_key, key=form.key.data):
        flash(gettext("The key works. Online payments go to your own Stripe account."), "ok")
        return redirect(url_for("backoffice.show_payments"), 303)
    return payments_page(own_key=form)


@backoffice.post("/payments/own-key/removal")
@requires(Permission.EDIT_PAYMENTS, step_up=True)
def remove_key() -> ResponseReturnValue:
    """Forget the shop's own key."""
    form = EmptyForm()
    if form.validate() and form.succeeds(remove_own_key):
        flash(gettext("The key is removed from Sheaf."), "ok")
        return redirect(url_for("backoffice.show_payments"), 303)
    return payments_page(other=form)


@backoffice.post("/payments/mode")
@requires(Permission.EDIT_PAYMENTS, step_up=True)
def choose_payment_mode() -> ResponseReturnValue:
    """Send new online payments another way."""
    form = ModeForm()
    if form.validate() and form.succeeds(choose_mode, mode=ConnectionMode(form.mode.data)):
        flash(gettext("Saved. It holds for every payment begun from now on."), "ok")
        return redirect(url_for("backoffice.show_payments"), 303)
    return payments_page(mode=form)


@backoffice.post("/payments/at-pick-up")
@requires(Permission.EDIT_PAYMENTS, step_up=True)
def choose_at_pickup() -> ResponseReturnValue:
    """Take money at pick-up, or no longer."""
    form = AtPickupForm()
    if form.validate() and form.succeeds(set_at_pickup, enabled=form.enabled.data):
        flash(gettext("Saved."), "ok")
        return redirect(url_for("backoffice.show_payments"), 303)
    return payments_page(at_pickup=form)


def payments_page(
    *,
    onboarding: OnboardingForm | None = None,
    own_key: OwnKeyForm | None = None,
    mode: ModeForm | None = None,
    at_pickup: AtPickupForm | None = None,
    other: EmptyForm | None = None,
) -> ResponseReturnValue:
    """The one page of these settings, with the form that was refused as it was sent."""
    found = find_connection() or PaymentConnection(
        mode=ConnectionMode.NONE, at_pickup_enabled=True, requirements=[]
    )
    country = found.country or likely_country(g.profile.currency)
    refused = onboarding or own_key or mode or at_pickup or other
    page = render_template(
        "backoffice/payments/show.html",
        connection=found,
        standing=standing_of(found),
        Standing=Standing,
        form=refused,
        onboarding=onboarding or OnboardingForm(formdata=None, country=country),
        own_key=own_key or OwnKeyForm(formdata=None),
        mode=mode or ModeForm(formdata=None, mode=found.mode.value),
        at_pickup=at_pickup or AtPickupForm(formdata=None, enabled=found.at_pickup_enabled),
        pasted=PASTED,
    )
    return page, refused.answer_status if refused else 200


def _address(endpoint: str) -> str:
    return settings().app_origin + url_for(f"backoffice.{endpoint}")

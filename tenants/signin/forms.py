"""Forms of the site and of people's own pages. They check shape; rules are the services'."""

from typing import ClassVar
from zoneinfo import available_timezones

from babel.core import get_global
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Email, InputRequired, Length, Optional

from kernel.forms import SheafForm
from kernel.i18n import LANGUAGES
from kernel.money import EXPONENTS
from tenants.accounts.rules import MOST as LONGEST_SLUG

LONGEST_EMAIL = 254
TYPE_EMAIL = _("Enter an e-mail address, such as ana@example.org.")


def email_field(label: str) -> EmailField:
    """An address of the usual shape; whether it works, the mail will tell."""
    return EmailField(
        label,
        [
            InputRequired(TYPE_EMAIL),
            Length(max=LONGEST_EMAIL, message=TYPE_EMAIL),
            Email(TYPE_EMAIL),
        ],
        filters=[lambda text: text.strip() if text else text],
    )


def time_zones() -> list[str]:
    """The zones people live in, by name; what has no country is left out."""
    lived_in = get_global("zone_territories")
    return sorted(zone for zone in available_timezones() if lived_in.get(zone, "001") != "001")


class PlaceFields(SheafForm):
    """Guessed, and there to be changed."""

    currency = SelectField(_("Prices in"), choices=sorted(EXPONENTS))
    time_zone = SelectField(_("Time zone"), choices=time_zones())


class Wanted:
    """A field to fill in; when it is empty the page itself has a proposal."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, _form: object, _field: object) -> None:
        return


class ShopFields(PlaceFields):
    shop_name = StringField(
        _("Name of your cooperative"),
        [InputRequired(_("Enter the name of your cooperative.")), Length(max=120)],
    )
    slug = StringField(
        _("Address of your shop"),
        [Wanted(), Length(max=LONGEST_SLUG * 2)],
        filters=[lambda text: text.strip().lower() if text else text],
    )

    def suggest_address(self) -> None:
        """Come back with the address that was made from the name, to be looked at."""
        if self.slug.data:
            text = gettext("Is this address right? Change it if you like, and go on.")
        else:
            text = gettext("Choose an address of letters a to z and digits.")
        self.slug.errors = [text]


class SignUpForm(ShopFields):
    email = email_field(_("Your e-mail"))
    password = PasswordField(_("Choose a password"), [InputRequired(_("Choose a password."))])


class CodeForm(SheafForm):
    code = StringField(
        _("Code from the mail"),
        [Wanted()],
        filters=[lambda text: "".join(text.split()) if text else text],
    )
    slug = StringField(_("Another address"), [Optional(), Length(max=LONGEST_SLUG * 2)])
    shop_name = StringField(_("Another name"), [Optional(), Length(max=120)])


class SignInForm(SheafForm):
    email = EmailField(_("E-mail"), [InputRequired(TYPE_EMAIL), Length(max=LONGEST_EMAIL)])
    password = PasswordField(_("Password"), [InputRequired(_("Enter your password."))])
    next = HiddenField()


class ForgottenForm(SheafForm):
    email = email_field(_("E-mail"))


class NewPasswordForm(SheafForm):
    password = PasswordField(_("New password"), [InputRequired(_("Choose a password."))])


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(
        _("Present password"), [InputRequired(_("Enter your present password."))]
    )


class SecondStepForm(SheafForm):
    code = StringField(_("Code"), [InputRequired(_("Enter the code.")), Length(max=40)])


class ConfirmFactorForm(SheafForm):
    code = StringField(
        _("Code that the app shows now"), [InputRequired(_("Enter the code.")), Length(max=40)]
    )


class PersonForm(SheafForm):
    name = StringField(_("Your name"), [InputRequired(_("Enter your name.")), Length(max=80)])
    language = SelectField(
        _("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()]
    )


class JoinForm(SheafForm):
    name = StringField(_("Your name"), [InputRequired(_("Enter your name.")), Length(max=80)])
    email = email_field(_("Your e-mail"))
    password = PasswordField(_("Choose a password"), [InputRequired(_("Choose a password."))])


class EmptyForm(SheafForm):
    """A button: only the token that says it came from our page."""

"""Forms of the settings. Choices are ours; whether one may be made now, the services decide."""

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Email, InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from kernel.forms import SheafForm
from kernel.i18n import LANGUAGES
from kernel.money import EXPONENTS
from storefront.shop.themes import ACCENTS, THEMES
from tenants.signin.forms import time_zones


class WordsForm(SheafForm):
    seen = HiddenField()
    name = StringField(
        _("Name of the shop"),
        [
            InputRequired(_("Enter a name, so that shoppers know whose shop it is.")),
            Length(max=120),
        ],
    )
    notice_en = StringField(_("Notice in English"), [Optional()])
    notice_zh = StringField(_("Notice in Chinese"), [Optional()])
    about_en = TextAreaField(_("About you, in English"), [Optional()])
    about_zh = TextAreaField(_("About you, in Chinese"), [Optional()])
    contact_email = EmailField(
        _("E-mail for shoppers"),
        [
            Optional(),
            Length(max=254),
            Email(_("Enter an e-mail address, such as ana@example.org.")),
        ],
    )
    contact_phone = TelField(_("Phone for shoppers"), [Optional(), Length(max=40)])


class LookForm(SheafForm):
    seen = HiddenField()
    theme = RadioField(
        _("Theme"), choices=[SelectChoice(key, _(theme.label)) for key, theme in THEMES.items()]
    )
    accent = RadioField(
        _("Accent"), choices=[SelectChoice(key, _(accent.label)) for key, accent in ACCENTS.items()]
    )


class PictureForm(SheafForm):
    """One picture; its kind is in the address it is posted to."""

    photo = FileField(_("Picture"))
    remove = BooleanField(_("Show no picture"))


class PlaceForm(SheafForm):
    seen = HiddenField()
    currency = SelectField(_("Prices in"), choices=sorted(EXPONENTS))
    time_zone = SelectField(_("Time zone"), choices=time_zones())
    languages = SelectMultipleField(
        _("Languages of the shop"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
        widget=ListWidget(),
        option_widget=CheckboxInput(),
    )
    first = RadioField(
        _("First language"),
        choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()],
    )

    def languages_in_order(self) -> list[str]:
        """The chosen languages, the first one first."""
        chosen = list(self.languages.data or [])
        return sorted(chosen, key=lambda code: code != self.first.data)

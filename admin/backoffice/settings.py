"""How the shop presents itself, and the money, time and languages it works in."""

from dataclasses import fields
from typing import TypeVar
from uuid import UUID

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from admin.backoffice.settings_forms import LookForm, PictureForm, PlaceForm, WordsForm
from kernel.text import fingerprint
from kernel.web import takes_uploads
from storefront.fulfilment.queries import has_orders
from storefront.shop.themes import ACCENTS, THEMES, swatch
from tenants.accounts.services import (
    ShopLook,
    ShopPlace,
    ShopWords,
    change_look,
    change_picture,
    change_place,
    change_words,
)
from tenants.media.errors import NotAPicture
from tenants.media.queries import picture_path, picture_srcset
from tenants.media.services import store_picture
from tenants.people.rules import Permission

PICTURES = ("logo", "cover")
SAYS = {WordsForm: ShopWords, LookForm: ShopLook, PlaceForm: ShopPlace}
Settings = TypeVar("Settings", WordsForm, LookForm, PlaceForm)


@backoffice.get("/settings")
@requires(Permission.EDIT_SHOP)
def edit_settings() -> ResponseReturnValue:
    """Name, about text and contact."""
    return _words_page(_stored(WordsForm))


@backoffice.post("/settings")
@requires(Permission.EDIT_SHOP)
def save_words() -> ResponseReturnValue:
    """The shop says this about itself."""
    form = WordsForm()
    if form.validate() and form.succeeds(
        change_words,
        ShopWords(
            name=form.name.data,
            about_en=form.about_en.data or "",
            about_zh=form.about_zh.data or "",
            contact_email=form.contact_email.data or "",
            contact_phone=form.contact_phone.data or "",
            notice_en=form.notice_en.data or "",
            notice_zh=form.notice_zh.data or "",
        ),
        seen=form.seen.data or "",
    ):
        return _saved("edit_settings")
    form.lay_beside(_stored(WordsForm))
    return _words_page(form)


@backoffice.get("/settings/look")
@requires(Permission.EDIT_SHOP)
def edit_look() -> ResponseReturnValue:
    """Theme, accent, logo and cover."""
    return _look_page(_stored(LookForm))


@backoffice.post("/settings/look")
@requires(Permission.EDIT_SHOP)
def save_look() -> ResponseReturnValue:
    """The shop looks like this."""
    form = LookForm()
    if form.validate() and form.succeeds(
        change_look,
        ShopLook(theme=form.theme.data, accent=form.accent.data),
        seen=form.seen.data or "",
    ):
        return _saved("edit_look")
    form.lay_beside(_stored(LookForm))
    return _look_page(form)


@backoffice.post("/settings/pictures/<kind>")
@requires(Permission.EDIT_SHOP)
@takes_uploads
def save_picture(kind: str) -> ResponseReturnValue:
    """Another logo or cover, or none."""
    if kind not in PICTURES:
        raise NotFound
    form = PictureForm(prefix=kind)
    if form.validate() and form.succeeds(_replace, kind, form):
        return _saved("edit_look")
    return _look_page(_stored(LookForm), **{kind: form})


@backoffice.get("/settings/place")
@requires(Permission.EDIT_SHOP)
def edit_place() -> ResponseReturnValue:
    """Currency, time zone and languages."""
    return _place_page(_stored(PlaceForm))


@backoffice.post("/settings/place")
@requires(Permission.EDIT_SHOP)
def save_place() -> ResponseReturnValue:
    """The shop works in this money, time and these languages."""
    form = PlaceForm()
    if form.validate() and form.succeeds(
        change_place,
        ShopPlace(
            currency=form.currency.data,
            time_zone=form.time_zone.data,
            languages=form.languages_in_order(),
        ),
        has_orders=has_orders,
        seen=form.seen.data or "",
    ):
        return _saved("edit_place")
    form.lay_beside(_stored(PlaceForm))
    return _place_page(form)


def _replace(kind: str, form: PictureForm) -> None:
    media_id: UUID | None = None
    if not form.remove.data:
        if form.photo.data is None:
            raise NotAPicture
        media_id = store_picture(form.photo.data.stream, alt=g.profile.name).id
    change_picture(kind, media_id=media_id)


def _stored(kind: type[Settings]) -> Settings:
    """The form as the shop is, and what it carries of that."""
    profile = g.profile
    seen = fingerprint(profile, [field.name for field in fields(SAYS[kind])])
    return kind(formdata=None, obj=profile, data={"seen": seen, "first": profile.languages[0]})


def _saved(view: str) -> ResponseReturnValue:
    flash(gettext("Saved."), "ok")
    return redirect(url_for(f"backoffice.{view}"), 303)


def _words_page(form: WordsForm) -> ResponseReturnValue:
    return _page("words", form)


def _place_page(form: PlaceForm) -> ResponseReturnValue:
    return _page("place", form, currency_fixed=has_orders())


def _look_page(
    form: LookForm, *, logo: PictureForm | None = None, cover: PictureForm | None = None
) -> ResponseReturnValue:
    profile = g.profile
    page, status = _page(
        "look",
        form,
        pictures={
            "logo": logo or PictureForm(None, prefix="logo"),
            "cover": cover or PictureForm(None, prefix="cover"),
        },
        shown={kind: _shown(getattr(profile, f"{kind}_id")) for kind in PICTURES},
        themes={key: swatch(key, profile.accent) for key in THEMES},
        accents={key: swatch(profile.theme, key) for key in ACCENTS},
    )
    refused = next((one for one in (logo, cover) if one is not None), None)
    return page, refused.answer_status if refused else status


def _shown(media_id: UUID | None) -> dict[str, str] | None:
    if media_id is None:
        return None
    return {"src": picture_path(media_id, 640), "srcset": picture_srcset(media_id)}


def _page(name: str, form: WordsForm | LookForm | PlaceForm, **more: object) -> tuple[str, int]:
    tabs = [
        {"key": "words", "label": gettext("About"), "url": url_for("backoffice.edit_settings")},
        {"key": "look", "label": gettext("Look"), "url": url_for("backoffice.edit_look")},
        {
            "key": "place",
            "label": gettext("Money, time, languages"),
            "url": url_for("backoffice.edit_place"),
        },
    ]
    page = render_template(
        f"backoffice/settings/{name}.html", form=form, tab=name, tab_items=tabs, **more
    )
    return page, form.answer_status

"""The shelves of the shop: named, put in order, removed when empty."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, StringField
from wtforms.validators import Length

from admin.backoffice import backoffice
from admin.backoffice.access import requires
from kernel.forms import SheafForm
from kernel.i18n import language
from kernel.text import fingerprint
from storefront.catalog.models import Category
from storefront.catalog.queries import count_by_category, get_category, list_categories
from storefront.catalog.rules import Names
from storefront.catalog.services import (
    NAMES,
    create_category,
    move_category,
    remove_category,
    rename_category,
)
from tenants.people.rules import Permission

SHORT = Length(max=60, message=lazy_gettext("Use at most 60 letters."))


class CategoryForm(SheafForm):
    """What a shelf is called."""

    name_en = StringField(lazy_gettext("Name in English"), [SHORT])
    name_zh = StringField(lazy_gettext("Name in Chinese"), [SHORT])
    seen = HiddenField()

    @property
    def names(self) -> Names:
        """What was typed, once it is valid."""
        return Names((self.name_en.data or "").strip(), (self.name_zh.data or "").strip())


@backoffice.get("/categories", endpoint="list_categories")
@requires(Permission.EDIT_PRODUCTS)
def show_categories() -> ResponseReturnValue:
    """The shelves in the order in which shoppers see them."""
    return render_template(
        "backoffice/categories/list.html", categories=list_categories(), counts=count_by_category()
    )


@backoffice.route("/categories/new", methods=["GET", "POST"])
@requires(Permission.EDIT_PRODUCTS)
def new_category() -> ResponseReturnValue:
    """One more shelf, after the others."""
    form = CategoryForm()
    if form.validate_on_submit() and form.attempt(create_category, names=form.names) is not None:
        return redirect(url_for("backoffice.list_categories"), 303)
    return _show(form), form.status if form.is_submitted() else 200


@backoffice.route("/categories/<uuid:category_id>", methods=["GET", "POST"])
@requires(Permission.EDIT_PRODUCTS)
def edit_category(category_id: UUID) -> ResponseReturnValue:
    """Another name for a shelf."""
    category = get_category(category_id)
    form = CategoryForm(obj=category, seen=fingerprint(category, NAMES))
    if form.validate_on_submit() and form.attempt(_rename, category_id, form) is not None:
        flash(gettext("Saved."), "ok")
        return redirect(url_for("backoffice.list_categories"), 303)
    category = get_category(category_id)
    stored = CategoryForm(formdata=None, obj=category, seen=fingerprint(category, NAMES))
    form.lay_beside(stored)
    return _show(form, category), form.status if form.is_submitted() else 200


@backoffice.post("/categories/<uuid:category_id>/position")
@requires(Permission.EDIT_PRODUCTS)
def raise_category(category_id: UUID) -> ResponseReturnValue:
    """One place up."""
    move_category(category_id=category_id)
    return redirect(url_for("backoffice.list_categories"), 303)


@backoffice.post("/categories/<uuid:category_id>/removal")
@requires(Permission.EDIT_PRODUCTS)
def drop_category(category_id: UUID) -> ResponseReturnValue:
    """The shelf is gone, unless products stand on it."""
    category = get_category(category_id)
    form = CategoryForm(formdata=None, obj=category, seen=fingerprint(category, NAMES))
    if form.attempt(_remove, category_id):
        flash(gettext("%(name)s is removed.", name=category.name_in(language())), "ok")
        return redirect(url_for("backoffice.list_categories"), 303)
    return _show(form, category), form.status


def _rename(category_id: UUID, form: CategoryForm) -> Category:
    return rename_category(category_id=category_id, names=form.names, seen=form.seen.data or "")


def _remove(category_id: UUID) -> bool:
    remove_category(category_id=category_id)
    return True


def _show(form: CategoryForm, category: Category | None = None) -> str:
    return render_template("backoffice/categories/edit.html", form=form, category=category)

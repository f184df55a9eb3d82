"""The public front page: what Sheaf is, and the form that opens a shop."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from kernel.i18n import language
from kernel.policy import public
from kernel.settings import settings
from tenants.accounts.rules import Place, guess_place, slug_problem, suggest_slug
from tenants.accounts.services import NewShop, find_free_slug, is_taken
from tenants.people.services.sign_ups import Newcomer, start_sign_up
from tenants.signin import site
from tenants.signin.devices import this_device
from tenants.signin.forms import PlaceFields, ShopFields, SignUpForm


@site.get("/")
@public
def show_landing() -> ResponseReturnValue:
    """The front page, its form filled with what can be guessed."""
    form = SignUpForm(data=guessed())
    return render_template("site/landing.html", form=form, own_zone=True, **around_the_address(""))


@site.get("/sign-up")
@public
def show_sign_up() -> ResponseReturnValue:
    """The same form under its own address."""
    return redirect("/#sign-up", 303)


@site.post("/sign-up")
@public
def sign_up() -> ResponseReturnValue:
    """Begin: a code is mailed, and the page that asks for it is on the merchants' host."""
    form = SignUpForm()
    if form.validate() and address_chosen(form):
        newcomer = Newcomer(
            name="",
            email=form.email.data,
            password=form.password.data,
            language=language(),
            shop=new_shop(form),
        )
        token = form.attempt(start_sign_up, newcomer, address=this_device()[1])
        if token is not None:
            return redirect(f"{settings().app_origin}/sign-up/{token}?lang={language()}", 303)
    page = render_template("site/landing.html", form=form, **around_the_address(form.slug.data))
    return page, form.answer_status


@site.get("/sign-up/address")
@public
def check_address() -> ResponseReturnValue:
    """For the page while it is typed into."""
    return address_again()


@site.get("/sign-up/place")
@public
def check_place() -> ResponseReturnValue:
    """For the page once the browser has told its time zone."""
    return place_again()


def place_again() -> str:
    """Money and time again, by the time zone in the address."""
    return render_template("site/_place_fields.html", form=PlaceFields(data=guessed()))


def address_again() -> str:
    """The address field, with a suggestion or with what can be said about what was typed."""
    form = ShopFields(request.args)
    if not form.slug.data:
        form.slug.data = free_suggestion(form.shop_name.data or "")
    return render_template("site/_address.html", form=form, **around_the_address(form.slug.data))


def new_shop(form: ShopFields) -> NewShop:
    """The shop that a form describes."""
    first = language()
    return NewShop(
        name=form.shop_name.data,
        slug=form.slug.data,
        currency=form.currency.data,
        time_zone=form.time_zone.data,
        languages=[first, "en" if first == "zh" else "zh"],
    )


def address_chosen(form: ShopFields) -> bool:
    """Whether there is an address; without one the form comes back with a suggestion in it."""
    if form.slug.data:
        return True
    form.slug.data = free_suggestion(form.shop_name.data)
    form.suggest_address()
    return False


def guessed() -> dict[str, str]:
    """The money and time of where the visitor seems to be."""
    place: Place = guess_place(
        wishes=list(request.accept_languages.values()), time_zone=request.args.get("time_zone", "")
    )
    return {"currency": place.currency, "time_zone": place.time_zone}


def free_suggestion(name: str) -> str:
    """An address made from the name that nobody has yet."""
    slug = suggest_slug(name)
    return find_free_slug(slug) if slug else ""


def around_the_address(slug: str | None) -> dict[str, object]:
    """What the address field shows around what is typed."""
    typed = (slug or "").strip().lower()
    problem = slug_problem(typed) if typed else None
    taken = bool(typed) and problem is None and is_taken(typed)
    return {
        "shops_domain": settings().shops_domain,
        "address": f"{typed}.{settings().shops_domain}",
        "address_free": bool(typed) and problem is None and not taken,
        "address_taken": taken,
        "address_better": find_free_slug(typed) if taken else "",
        "address_problem": problem,
    }

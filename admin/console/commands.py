"""`flask staff …`: the first member of staff has nobody to invite them."""

from collections.abc import Callable
from typing import TypeVar

import click
from flask import Flask
from flask.cli import AppGroup
from flask_babel import gettext

from kernel.errors import DomainError
from tenants.staff import services

Result = TypeVar("Result")
staff = AppGroup("staff", help="Sheaf's own people, who sign in to the console.")


@staff.command("create")
@click.option("--email", required=True, help="What they sign in with.")
@click.option("--name", required=True, help="How the audit names them.")
@click.password_option(help="Asked for when it is not given.")
def create(*, email: str, name: str, password: str) -> None:
    """Let someone sign in; prints what their authenticator app needs, once."""
    made = _or_refused(lambda: services.create_staff(email=email, name=name, password=password))
    click.echo(f"Authenticator: {made.uri}")
    click.echo("Recovery codes, each works once:")
    for code in made.recovery_codes:
        click.echo(f"  {code}")
    click.echo("Neither is shown again.")


@staff.command("dismiss")
@click.option("--email", required=True, help="Whose access ends.")
def dismiss(*, email: str) -> None:
    """End someone's access, and their sign-ins, now."""
    _or_refused(lambda: services.dismiss_staff(email=email))
    click.echo(f"{email} is no longer staff.")


def _or_refused(service: Callable[[], Result]) -> Result:
    try:
        return service()
    except DomainError as error:
        raise click.ClickException(gettext(error.message).format(**error.facts)) from error


def init_app(app: Flask) -> None:
    """Add the commands to `flask`."""
    app.cli.add_command(staff)

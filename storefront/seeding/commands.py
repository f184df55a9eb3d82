"""`flask seed demo`."""

import json
import logging
from pathlib import Path

import click
from flask import Flask

from kernel.settings import settings
from storefront.seeding.demo import PASSWORD, OnlyForDevelopment, Seeded, seed_demo
from tenants.accounts.queries import shop_origin
from tenants.staff.errors import StaffExists
from tenants.staff.services import create_staff

STAFF = "ops@example.org"


def register(app: Flask) -> None:
    """Add `flask seed`."""

    @app.cli.group("seed")
    def seed() -> None:
        """Data to look around in."""

    @seed.command("demo")
    def demo() -> None:
        """Load two demo cooperatives; what is there already stays as it is."""
        logging.getLogger().setLevel(logging.WARNING)  # what is told is the sign-ins
        try:
            shops = seed_demo()
        except OnlyForDevelopment as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"Everyone's password is: {PASSWORD}\n")
        for seeded in shops:
            click.echo(_sign_ins(seeded))
        click.echo(_staff_sign_in())


def _sign_ins(seeded: Seeded) -> str:
    shop = seeded.shop
    lines = [
        shop.shop.name,
        f"  Shop         {shop_origin(seeded.tenant_id)}/",
        f"  Back office  {settings().app_origin}/{shop.shop.slug}/",
        *(f"    {person.email:<24}{person.role.value}" for person in shop.people),
    ]
    return "\n".join(lines) + "\n"


def _staff_sign_in() -> str:
    kept = settings().instance / "demo-console.json"
    try:
        made = create_staff(email=STAFF, name="Ops", password=PASSWORD)
        _keep(kept, {"authenticator": made.uri, "instead, each once": made.recovery_codes})
    except StaffExists:
        pass  # made by an earlier run, which has kept what is told below
    lines = ["Console", f"  {settings().ops_origin}/", f"    {STAFF}"]
    if kept.exists():
        for name, value in json.loads(kept.read_text()).items():
            words = value if isinstance(value, str) else " ".join(value[:3])
            lines.append(f"    {name}: {words}")
    return "\n".join(lines)


def _keep(path: Path, facts: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(facts))

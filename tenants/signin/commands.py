"""Commands about people and what they did."""

import click
from flask import Flask

from kernel.scope import acting_for
from tenants.accounts.queries import list_tenants
from tenants.audit.queries import find_flaw


def register(app: Flask) -> None:
    """Add `flask audit verify`."""

    @app.cli.group("audit")
    def audit() -> None:
        """What was done, and whether the record still says so."""

    @audit.command("verify")
    @click.option("--tenant", default="", help="Only the shop with this address; default all.")
    def verify(tenant: str) -> None:
        """Name the first bad entry of each chain; exits 1 if there is one."""
        chosen = [found for found in list_tenants() if tenant in ("", found.slug)]
        if not chosen:
            raise click.ClickException(f"There is no shop {tenant}.")
        bad = 0
        for found in chosen:
            with acting_for(found.id):
                flaw = find_flaw()
            if flaw is not None:
                bad += 1
                click.echo(f"{found.slug}: entry {flaw.number}: {flaw.what}")
        if bad:
            raise SystemExit(1)
        click.echo(f"{len(chosen)} chains are whole")

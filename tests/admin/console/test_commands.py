"""The first member of staff is made on the server."""

import pyotp
from flask import Flask

from tenants.staff.queries import find_staff_by_email
from tests.admin.console.conftest import HOST
from tests.browsers import browse
from tests.factories.staff import PASSWORD


def create(app: Flask, *options: str, password: str = PASSWORD) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(
        args=["staff", "create", "--email", "Dora@Sheaf.test", "--name", "Dora", *options],
        input=f"{password}\n{password}\n",
    )
    return result.exit_code, result.output


def test_what_is_printed_lets_them_in(app: Flask) -> None:
    status, printed = create(app)
    assert status == 0
    uri = next(line for line in printed.splitlines() if "otpauth://" in line).split()[-1]
    totp = pyotp.parse_uri(uri)
    assert isinstance(totp, pyotp.TOTP)
    form = {"email": "dora@sheaf.test", "password": PASSWORD, "code": totp.now()}
    assert browse(app, HOST).post("/sign-in", data=form).status_code == 303
    assert PASSWORD not in printed


def test_nobody_is_made_twice_nor_with_a_weak_password(app: Flask) -> None:
    status, printed = create(app, password="dora-sheaf")
    assert (status, "otpauth" in printed) == (1, False)
    assert find_staff_by_email("dora@sheaf.test") is None
    assert create(app)[0] == 0
    status, printed = create(app)
    assert (status, "otpauth" in printed) == (1, False)
    assert "staff already" in printed


def test_a_dismissed_member_is_gone(app: Flask) -> None:
    create(app)
    run = app.test_cli_runner().invoke
    assert run(args=["staff", "dismiss", "--email", "dora@sheaf.test"]).exit_code == 0
    assert find_staff_by_email("dora@sheaf.test") is None
    assert run(args=["staff", "dismiss", "--email", "dora@sheaf.test"]).exit_code == 1

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import requests

from billing.sandbox import Sandbox
from tests.billing.sandbox.caller import CHECKOUT, Caller


def test_a_restart_keeps_accounts_payments_keys_and_waiting_webhooks(tmp_path: Path) -> None:
    state = tmp_path / "stripe" / "state.sqlite"
    with Sandbox(deliver=False, state=state) as sandbox:
        platform = Caller(sandbox)
        account = platform.open_account("Greenfield")
        intent = platform.on(account).paid(fee=31)
        made = platform.on(account).send("POST", "/v1/checkout/sessions", CHECKOUT, once="co:1")
        record, waiting = sandbox.record(), sandbox.pending_webhooks()

    with Sandbox(deliver=False, state=state) as sandbox:
        greenfield = Caller(sandbox, account=account)
        assert greenfield.get(f"/v1/payment_intents/{intent['id']}")["status"] == "succeeded"
        again = greenfield.send("POST", "/v1/checkout/sessions", CHECKOUT, once="co:1")
        assert again.json()["id"] == made.json()["id"]
        assert sandbox.record() == record
        assert [hook.body for hook in sandbox.pending_webhooks()] == [hook.body for hook in waiting]


def test_a_reset_forgets_everything(sandbox: Sandbox, greenfield: Caller) -> None:
    greenfield.paid()
    requests.post(f"{sandbox.url}/_sandbox/reset", timeout=120)

    assert sandbox.record() == {"lines": [], "totals": {}}
    assert greenfield.refused("/v1/balance", method="GET")["status"] == 403


def start(state: Path, port: int) -> subprocess.Popen[str]:
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-m", "billing.sandbox", "--port", str(port), "--state", str(state)]
    process = subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Stripe sandbox on http://127.0.0.1:")
    return process


def test_it_runs_as_a_program_and_ends_on_request(tmp_path: Path) -> None:
    with Sandbox(deliver=False) as other:
        port = int(other.url.rsplit(":", 1)[1])
    url = f"http://127.0.0.1:{port}"
    for round_ in range(2):
        with start(tmp_path / "state.sqlite", port) as process:
            try:
                assert requests.get(f"{url}/_sandbox/health", timeout=120).json() == {"ok": True}
                headers = {"Authorization": "Bearer sk_test_sandbox_platform"}
                listed = requests.get(f"{url}/v1/accounts", headers=headers, timeout=120)
                assert len(json.loads(listed.text)["data"]) == round_
                requests.post(
                    f"{url}/v1/accounts", data={"country": "DE"}, headers=headers, timeout=120
                )
            finally:
                os.kill(process.pid, signal.SIGTERM)
            assert process.wait(timeout=120) == 0


def test_a_taken_port_is_told_in_one_line() -> None:
    with Sandbox(deliver=False) as other:
        root = Path(__file__).resolve().parents[3]
        port = other.url.rsplit(":", 1)[1]
        ended = subprocess.run(
            [sys.executable, "-m", "billing.sandbox", "--port", port],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"The Stripe sandbox cannot start on port {port}")
    assert "Traceback" not in ended.stderr

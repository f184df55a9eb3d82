"""Secrets open only for what they were sealed for; tokens and signatures are ours or nothing."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kernel import vault
from kernel.db import new_id
from kernel.settings import Settings, settings, use

ANA, CAROL = new_id(), new_id()


@pytest.fixture
def keys() -> Iterator[Settings]:
    before = settings()
    use(replace(before, master_keys=("2:newer key", "1:older key")))
    yield settings()
    use(before)


def test_a_sealed_value_opens_for_its_tenant_and_field_only() -> None:
    sealed = vault.seal("sk_live_secret", tenant_id=ANA, field="stripe_key")
    assert "sk_live" not in sealed
    assert vault.unseal(sealed, tenant_id=ANA, field="stripe_key") == "sk_live_secret"
    for tenant_id, field in ((CAROL, "stripe_key"), (ANA, "webhook_secret")):
        with pytest.raises(vault.CannotOpen):
            vault.unseal(sealed, tenant_id=tenant_id, field=field)


def test_the_newest_master_key_seals_and_an_older_one_still_opens(keys: Settings) -> None:
    use(replace(keys, master_keys=("1:older key",)))
    old = vault.seal("secret", tenant_id=ANA, field="f")
    use(keys)
    assert vault.seal("secret", tenant_id=ANA, field="f").startswith("2:")
    assert vault.unseal(old, tenant_id=ANA, field="f") == "secret"
    use(replace(keys, master_keys=("2:newer key",)))
    with pytest.raises(vault.CannotOpen, match="not configured"):
        vault.unseal(old, tenant_id=ANA, field="f")


@given(some.binary(min_size=1, max_size=8), some.integers(0, 40))
def test_a_changed_seal_never_opens(noise: bytes, at: int) -> None:
    sealed = vault.seal("secret", tenant_id=ANA, field="f")
    head, body = sealed[:2], sealed[2:]
    changed = head + body[:at] + noise.hex() + body[at + len(noise.hex()) :]
    if changed != sealed:
        with pytest.raises((vault.CannotOpen, ValueError)):
            vault.unseal(changed, tenant_id=ANA, field="f")


def test_an_empty_or_short_token_is_no_token() -> None:
    assert vault.is_token(vault.new_token())
    for text in ("", "short", "é" * 40, "x" * 500):
        assert not vault.is_token(text)
    with pytest.raises(AssertionError):
        vault.hash_token("")


def test_a_signed_link_serves_one_purpose() -> None:
    signed = vault.sign(["order", "42"], purpose="order page")
    assert vault.read_signed(signed, purpose="order page") == ["order", "42"]
    assert vault.read_signed(signed, purpose="reset") is None
    assert vault.read_signed(signed[:-1] + "x", purpose="order page") is None


def test_a_former_secret_still_verifies_and_a_strange_one_does_not() -> None:
    before = settings()
    signature = vault.mac("message", purpose="p")
    use(replace(before, secret_key="x" * 40, secret_key_fallbacks=(before.secret_key,)))
    assert vault.mac_fits("message", signature, purpose="p")
    use(replace(before, secret_key="x" * 40))
    assert not vault.mac_fits("message", signature, purpose="p")
    use(before)
    assert not vault.mac_fits("message", "é" * 64, purpose="p")

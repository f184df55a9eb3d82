"""Secrets at rest, signatures and tokens. Keys come from settings; every use has its own key.

A sealed value opens only for the tenant and field it was sealed for: AES-256-GCM with both as
associated data, under a key derived (HKDF, RFC 5869) per master key, tenant and field.
"""

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from itsdangerous import BadData, URLSafeSerializer

from kernel.settings import settings

NONCE_BYTES = 12
TOKEN_BYTES = 32


class CannotOpen(RuntimeError):
    """A sealed value was moved, changed, or its master key is gone."""


def _key(secret: str, purpose: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode())
    return kdf.derive(secret.encode())


def _master_keys() -> dict[str, str]:
    pairs = (key.split(":", 1) for key in settings().master_keys)
    return {version: secret for version, secret in pairs}  # noqa: C416 - pairs are lists


def seal(plain: str, *, tenant_id: UUID, field: str) -> str:
    """The value, readable only here, only for this tenant and field; newest master key."""
    version, secret = next(iter(_master_keys().items()))
    context = f"{tenant_id}|{field}|{version}"
    nonce = secrets.token_bytes(NONCE_BYTES)
    box = AESGCM(_key(secret, f"seal|{context}")).encrypt(nonce, plain.encode(), context.encode())
    return f"{version}:{base64.urlsafe_b64encode(nonce + box).decode()}"


def unseal(sealed: str, *, tenant_id: UUID, field: str) -> str:
    """What was sealed; raises CannotOpen for another tenant, field or key."""
    version, _, body = sealed.partition(":")
    secret = _master_keys().get(version)
    if secret is None:
        raise CannotOpen(f"master key {version} is not configured")
    context = f"{tenant_id}|{field}|{version}"
    raw = base64.urlsafe_b64decode(body)
    try:
        opened = AESGCM(_key(secret, f"seal|{context}")).decrypt(
            raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()
        )
    except InvalidTag as error:
        raise CannotOpen("sealed for something else") from error
    return opened.decode()


def new_token() -> str:
    """256 random bits for a cookie or a link; only its hash is stored."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_token(token: str) -> str:
    """What is stored of a token. An empty or short one is refused by assertion."""
    assert len(token) >= TOKEN_BYTES, "a token is never empty or short"
    return hashlib.sha256(token.encode()).hexdigest()


def is_token(text: str) -> bool:
    """Whether a text from outside can be a token at all."""
    return TOKEN_BYTES <= len(text) <= 2 * TOKEN_BYTES and text.isascii()


def hash_code(code: str, *, purpose: str) -> str:
    """A keyed hash of a short code, useless without the server's key."""
    return hmac.new(
        _key(settings().secret_key, f"code|{purpose}"), code.encode(), "sha256"
    ).hexdigest()


def new_code(digits: int = 6) -> str:
    """So many random digits."""
    return f"{secrets.randbelow(10**digits):0{digits}d}"


def mac(message: str, *, purpose: str) -> str:
    """A signature over a message for one purpose."""
    return hmac.new(_key(settings().secret_key, purpose), message.encode(), "sha256").hexdigest()


def mac_fits(message: str, signature: str, *, purpose: str) -> bool:
    """Whether a signature is ours, by the present or a former secret."""
    keys = (settings().secret_key, *settings().secret_key_fallbacks)
    wanted = [hmac.new(_key(key, purpose), message.encode(), "sha256").hexdigest() for key in keys]
    return any(hmac.compare_digest(known.encode(), signature.encode()) for known in wanted)


def sign(parts: list[str], *, purpose: str) -> str:
    """A link-safe token that carries its parts and cannot be changed."""
    return str(URLSafeSerializer(settings().secret_key, salt=purpose).dumps(parts))


def read_signed(token: str, *, purpose: str) -> list[str] | None:
    """The parts of a signed token, or None when it is not ours or for another purpose."""
    for key in (settings().secret_key, *settings().secret_key_fallbacks):
        try:
            parts = URLSafeSerializer(key, salt=purpose).loads(token)
        except BadData:
            continue
        return [str(part) for part in parts]
    return None

"""Signs deliveries as the identity host does (RS512), and shows the public halves of its keys."""

import base64
import json
import secrets
from collections.abc import Mapping
from functools import cached_property
from typing import Any

BITS = 2048


class Signer:
    """One key, made when it is first needed, under a name of its own."""

    def __init__(self) -> None:
        self.kid = secrets.token_hex(8)

    @cached_property
    def _key(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - few Filevines sign anything

        return rsa.generate_private_key(public_exponent=65537, key_size=BITS)

    def sign(self, claims: Mapping[str, object]) -> str:
        """A JSON Web Token that says this."""
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415 - see above
        from cryptography.hazmat.primitives.hashes import SHA512  # noqa: PLC0415

        header = {"alg": "RS512", "typ": "JWT", "kid": self.kid}
        text = ".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
        return f"{text}.{_base64url(self._key.sign(text.encode(), PKCS1v15(), SHA512()))}"

    def jwks(self) -> dict[str, Any]:
        """What the identity host publishes of its keys."""
        public = self._key.public_key().public_numbers()
        numbers = {name: _base64url(_bytes(getattr(public, name))) for name in ("n", "e")}
        return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS512", "kid": self.kid, **numbers}]}


def _bytes(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

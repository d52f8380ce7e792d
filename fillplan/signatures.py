"""Ed25519 signatures of published sets, by the `cryptography` library (the extra `signing`).

Keys are PEM files, as `openssl genpkey -algorithm ed25519` and `openssl pkey -pubout` write them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fillplan_data.errors import NotFound, SettingsError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def sign(content: bytes, key: Path) -> bytes:
    """64 bytes of signature by the private key in a PEM file.

    Raises NotFound where there is no such file, SettingsError where it holds no such key or the extra is missing.
    """
    return _private_key(key).sign(content)


def is_signed_by(content: bytes, signature: bytes, key: Path) -> bool:
    """Whether the public key in a PEM file made this signature; raises as `sign` does."""
    from cryptography.exceptions import InvalidSignature

    try:
        _public_key(key).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _private_key(path: Path) -> Ed25519PrivateKey:
    _check_installed(path)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(
            _read(path, "make one with: openssl genpkey -algorithm ed25519 -out KEY.pem"), password=None
        )
    except (ValueError, TypeError) as error:
        raise _bad_key(path, "private") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _bad_key(path, "private")
    return key


def _public_key(path: Path) -> Ed25519PublicKey:
    _check_installed(path)
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_read(path, "fetch the publisher's public key"))
    except ValueError as error:
        raise _bad_key(path, "public") from error
    if not isinstance(key, Ed25519PublicKey):
        raise _bad_key(path, "public")
    return key


def _check_installed(path: Path) -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError as error:
        raise SettingsError(f"{path}: signatures need the extra: pip install 'fillplan[signing]'") from error


def _read(path: Path, remedy: str) -> bytes:
    if not path.is_file():
        raise NotFound(f"{path}: no such key; {remedy}")
    return path.read_bytes()


def _bad_key(path: Path, kind: str) -> SettingsError:
    return SettingsError(f"{path}: expected an Ed25519 {kind} key in PEM form without a password, found something else")

"""Signatures by keys in PEM files."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from fillplan.signatures import is_signed_by, sign
from fillplan_data.errors import NotFound, SettingsError


def make_keys(folder: Path, name: str) -> tuple[Path, Path]:
    key = Ed25519PrivateKey.generate()
    private, public = folder / f"{name}.pem", folder / f"{name}.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


def test_only_the_right_key_and_content_fit(tmp_path: Path) -> None:
    private, public = make_keys(tmp_path, "ours")
    _, other = make_keys(tmp_path, "theirs")
    signature = sign(b"content", private)
    assert is_signed_by(b"content", signature, public)
    assert not is_signed_by(b"contents", signature, public)
    assert not is_signed_by(b"content", signature, other)
    assert not is_signed_by(b"content", b"", public)


def test_bad_keys_are_named(tmp_path: Path) -> None:
    private, public = make_keys(tmp_path, "ours")
    with pytest.raises(NotFound, match="openssl"):
        sign(b"", tmp_path / "none.pem")
    with pytest.raises(NotFound, match="the publisher's public key"):
        is_signed_by(b"", b"", tmp_path / "none.pub")
    with pytest.raises(SettingsError, match="private key"):
        sign(b"", public)
    with pytest.raises(SettingsError, match="public key"):
        is_signed_by(b"", b"", private)
    rsa = generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "rsa.pem").write_bytes(rsa)
    with pytest.raises(SettingsError, match="Ed25519"):
        sign(b"", tmp_path / "rsa.pem")

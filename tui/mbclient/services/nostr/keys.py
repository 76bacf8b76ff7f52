"""Keys and signatures: BIP-340 Schnorr over secp256k1. The one place that knows the extra `[nostr]`.

The library is imported when a key is first needed; without it every door says how to install it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mbclient.domain.errors import UsageError
from mbclient.domain.secret import Secret
from mbclient.services.nostr import nip19
from mbclient.texts import _

if TYPE_CHECKING:
    import coincurve

PACKAGE = "coincurve"
_HEX_KEY = re.compile(r"[0-9a-f]{64}\Z", re.IGNORECASE)


def require() -> None:
    """Imports the library (50 ms: call it in a thread). Raises `UsageError` with the line that installs it."""
    try:
        import coincurve  # noqa: F401
    except ImportError as error:
        raise UsageError(
            _("Nostr needs a package that is not installed"), _("install it: pip install {name}").format(name=PACKAGE)
        ) from error


class Key:
    """A private key. It signs, and tells its public half; it never prints itself."""

    __slots__ = ("_private", "pubkey")

    def __init__(self, raw: bytes) -> None:
        """`raw`: 32 bytes. Raises `ValueError` for a number that is no key."""
        import coincurve

        self._private: coincurve.PrivateKey = coincurve.PrivateKey(raw)
        self.pubkey: str = self._private.public_key_xonly.format().hex()

    def __repr__(self) -> str:
        return f"Key({nip19.encode('npub', bytes.fromhex(self.pubkey))})"

    def sign(self, digest: bytes) -> str:
        """The signature of 32 bytes, in hex."""
        return self._private.sign_schnorr(digest).hex()

    def nsec(self) -> Secret:
        """How it is kept in the keyring."""
        return Secret(nip19.encode("nsec", self._private.secret))


def read_key(secret: Secret) -> Key | None:
    """The key of `nsec1…` or 64 hex digits; None for a public key (`npub1…`, `nprofile1…`): that one only reads.

    Raises `UsageError`, which never quotes what was typed.
    """
    require()
    typed = secret.reveal().strip()
    if typed.lower().startswith("ncryptsec1"):
        raise UsageError(
            _("a key that is locked with a password (ncryptsec) cannot be read here"),
            _("give the nsec itself; the keyring keeps it"),
        )
    if _HEX_KEY.match(typed):
        return _key(bytes.fromhex(typed))
    try:
        prefix, data = nip19.decode(typed)
    except ValueError:
        raise _no_key() from None
    if prefix in ("npub", "nprofile"):
        return None
    if prefix != "nsec" or len(data) != 32:
        raise _no_key()
    return _key(data)


def read_pubkey(secret: Secret) -> str:
    """The public key, in hex, of what `read_key` gave None for. Raises `UsageError`."""
    try:
        pointer = nip19.read(secret.reveal().strip())
    except ValueError:
        raise _no_key() from None
    if pointer.kind != "profile" or not is_pubkey(pointer.id):
        raise _no_key()
    return pointer.id


def _key(raw: bytes) -> Key:
    try:
        return Key(raw)
    except ValueError:
        raise _no_key() from None


def _no_key() -> UsageError:
    return UsageError(_("this is no Nostr key"), _("copy the whole key; it begins with nsec1, or npub1 to only read"))


def is_pubkey(pubkey: str) -> bool:
    """Whether this hex number is a point of the curve."""
    try:
        _point(pubkey)
    except ValueError:
        return False
    return True


def is_signed(pubkey: str, digest: bytes, signature: str) -> bool:
    """Whether the signature is this public key's, of these 32 bytes. 0.1 ms or so: call it in a thread."""
    try:
        return bool(_point(pubkey).verify(bytes.fromhex(signature), digest))
    except ValueError:
        return False


@lru_cache(maxsize=2000)
def _point(pubkey: str) -> coincurve.PublicKeyXOnly:
    import coincurve

    return coincurve.PublicKeyXOnly(bytes.fromhex(pubkey))

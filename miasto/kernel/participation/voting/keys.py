"""The committee's key pair and its shares (docs/adr/0008).

The private key is made of a seed of 16 random bytes; the seed is split by Shamir's scheme as SLIP-39 describes it: each share
is 20 words with a checksum that finds up to three mistakes. The seed and the private key live in memory only, twice and for
moments: when the shares are made and when the ballots are opened.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import shamir_mnemonic
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from nacl.public import PrivateKey
from shamir_mnemonic import MnemonicError
from shamir_mnemonic.share import Share as Mnemonic

SEED_BYTES = 16
MOST_SHARES = 16  # SLIP-39 numbers the shares with four bits
PERSON = b"miasto.committee"


class WrongShares(ValueError):
    """The shares do not open the box. ``share`` is the position (from 1) of the one that is wrong, None for all together."""

    def __init__(self, code: str, message: str, share: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.share = share


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. ``shares`` are shown once to their holders and kept nowhere; ``digests`` may be stored.

    A share holds 128 random bits, so its SHA-256 says whether a text is that share and nothing else.
    """

    public_key: bytes
    digests: tuple[bytes, ...]
    shares: tuple[str, ...] = field(repr=False)


def _private_key(seed: bytes) -> PrivateKey:
    """X25519 from the seed: BLAKE2b of 32 bytes, personalised, so that the words serve no other purpose."""
    return PrivateKey(hashlib.blake2b(seed, digest_size=32, person=PERSON).digest())


def _digest(share: str) -> bytes:
    return hashlib.sha256(f"miasto share|{share}".encode()).digest()


@sensitive_variables()
def make(*, threshold: int, holders: int) -> NewKey:
    """A new key, opened by ``threshold`` of the shares of so many ``holders``. ValueError unless 2 ≤ k ≤ n ≤ 16."""
    if not 2 <= threshold <= holders <= MOST_SHARES:
        raise ValueError(f"a key is split into 2 to {MOST_SHARES} shares, of which at least 2 open it")
    seed = secrets.token_bytes(SEED_BYTES)
    shares = tuple(shamir_mnemonic.generate_mnemonics(1, [(threshold, holders)], seed, iteration_exponent=0)[0])
    return NewKey(bytes(_private_key(seed).public_key), tuple(map(_digest, shares)), shares)


def tidy(share: str) -> str:
    """The words as printed, whatever spaces, letters and numbers of words were typed; four letters of a word are enough."""
    words = [word for word in share.lower().replace(",", " ").split() if not word.strip(".").isdigit()]
    return " ".join(_whole(word) for word in words)


def _whole(word: str) -> str:
    found = [one for one in shamir_mnemonic.wordlist.WORDLIST if one.startswith(word[:4])] if len(word) >= 4 else []
    return found[0] if len(found) == 1 and found[0].startswith(word) else word


@sensitive_variables()
def check(share: str, *, position: int, digests: Sequence[bytes] = ()) -> tuple[str, Mnemonic]:
    """``(tidy words, share)`` of what was typed; raises ``WrongShares`` for a mistake in it or a share of another key."""
    words = tidy(share)
    try:
        read = Mnemonic.from_mnemonic(words)
    except MnemonicError:
        text = _("Część klucza nr %(number)d: słowa nie zgadzają się z sumą kontrolną. Porównaj je z wydrukiem.")
        raise WrongShares("mistyped", text % {"number": position}, position) from None
    if digests and not any(hmac.compare_digest(_digest(words), one) for one in digests):
        text = _("Część klucza nr %(number)d nie należy do tego głosowania.")
        raise WrongShares("foreign", text % {"number": position}, position)
    return words, read


@sensitive_variables()
def recover(shares: Sequence[str], *, threshold: int, public_key: bytes, digests: Sequence[bytes] = ()) -> PrivateKey:
    """The private key from at least ``threshold`` shares; raises ``WrongShares``, which says which share is wrong and how."""
    seen: dict[int, int] = {}
    words: list[str] = []
    for position, share in enumerate((one for one in shares if one.strip()), 1):
        text, read = check(share, position=position, digests=digests)
        if read.index in seen:
            message = _("Części klucza nr %(first)d i %(second)d są takie same. Każda musi pochodzić od innej osoby.")
            raise WrongShares("repeated", message % {"first": seen[read.index], "second": position}, position)
        seen[read.index] = position
        words.append(text)
    if len(words) < threshold:
        message = _("Do otwarcia urny brakuje jeszcze %(count)d części klucza.") % {"count": threshold - len(words)}
        raise WrongShares("too_few", message)
    return _combined(words[:threshold], public_key)


@sensitive_variables()
def _combined(words: list[str], public_key: bytes) -> PrivateKey:
    wrong = WrongShares("foreign", _("Te części klucza nie otwierają tej urny: pochodzą z innego głosowania."))
    try:
        key = _private_key(shamir_mnemonic.combine_mnemonics(words))
    except MnemonicError:
        raise wrong from None
    if not hmac.compare_digest(bytes(key.public_key), public_key):
        raise wrong
    return key

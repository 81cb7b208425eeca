"""The voter's receipt: proves that a sealed ballot was taken and is in the bulletin, and cannot prove what it says."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nacl.exceptions import BadSignatureError
from nacl.signing import SigningKey, VerifyKey

from miasto.kernel.core import digests

PURPOSE = b"miasto receipt 1"


@dataclass(frozen=True, slots=True)
class Receipt:
    """``number`` is random, ``digest`` the SHA-256 of the sealed ballot, ``signature`` Ed25519 of the election's key."""

    election: UUID
    number: UUID
    digest: bytes
    signature: bytes

    def as_json(self) -> dict[str, str]:
        """The receipt as the voter keeps it: a JSON object of texts, bytes in hexadecimal."""
        return {
            "election": str(self.election),
            "number": self.number.hex,
            "digest": self.digest.hex(),
            "signature": self.signature.hex(),
        }

    @classmethod
    def from_json(cls, value: Any) -> Receipt:
        """The inverse of ``as_json``; raises ValueError for anything else."""
        try:
            digest, signature = bytes.fromhex(value["digest"]), bytes.fromhex(value["signature"])
            made = cls(UUID(value["election"]), UUID(value["number"]), digest, signature)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("no receipt") from error
        if (len(digest), len(signature)) != (32, 64):
            raise ValueError("no receipt")
        return made

    @property
    def leaf(self) -> bytes:
        """What the bulletin says of this ballot: 16 bytes of its number, 32 of its digest."""
        return self.number.bytes + self.digest


def secret(purpose: str, election: UUID) -> bytes:
    """32 bytes for one purpose in one election, made of the platform's secret, which is in no database."""
    text = f"participation.voting|{purpose}|{election}"
    return digests.plain(text)


def signing_key(election: UUID) -> SigningKey:
    """The election's key that signs receipts; its public half is published with the election."""
    return SigningKey(secret("receipts", election))


def signed_text(election: UUID, number: UUID, digest: bytes) -> bytes:
    """The bytes that a receipt's signature covers: purpose, election, number, digest (80 bytes)."""
    return PURPOSE + election.bytes + number.bytes + digest


def issue(*, election: UUID, number: UUID, ciphertext: bytes, key: SigningKey) -> Receipt:
    """A receipt for a sealed ballot."""
    digest = hashlib.sha256(ciphertext).digest()
    return Receipt(election, number, digest, key.sign(signed_text(election, number, digest)).signature)


def genuine(receipt: Receipt, verify_key: bytes) -> bool:
    """Whether the election's key signed it."""
    try:
        VerifyKey(verify_key).verify(signed_text(receipt.election, receipt.number, receipt.digest), receipt.signature)
    except (BadSignatureError, ValueError):
        return False
    return True


def voter_key(*, election: UUID, identity: str) -> bytes:
    """The voter in the ballot box: a hash of the identity, keyed with the platform's secret, another in each election."""
    return hmac.new(secret("voters", election), identity.encode(), hashlib.sha256).digest()

"""How a ballot becomes bytes of one length and is closed with the committee's public key.

The sealed box of libsodium (X25519, XSalsa20-Poly1305) makes a new key pair for each message and forgets its private half, so
not even the server that sealed a ballot can open it, or prove later what was in it.
"""

from __future__ import annotations

import json

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

from miasto.kernel.participation.voting.rules import MOST_POINTS, Ballot, BallotRules, Kind, PoolRule

LENGTH_BYTES = 4
STEP = 64


class Unreadable(ValueError):
    """The bytes are no ballot of this election."""


def encode(ballot: Ballot) -> bytes:
    """Canonical JSON: ``[[pool, [[option, points], ...]], ...]``, pools ascending."""
    return json.dumps([[number, ballot[number]] for number in sorted(ballot)], separators=(",", ":")).encode()


def decode(data: bytes) -> Ballot:
    """The inverse of ``encode``; raises ``Unreadable``."""
    try:
        return {int(pool): [(int(option), int(points)) for option, points in chosen] for pool, chosen in json.loads(data)}
    except (ValueError, TypeError) as error:
        raise Unreadable("no ballot") from error


def size(rules: BallotRules) -> int:
    """Bytes into which every ballot of these rules fits with its length: the longest one, rounded up to a multiple of 64."""
    longest = {pool.number: [(option, _widest(pool)) for option in pool.options] for pool in rules.pools}
    return -(-(len(encode(longest)) + LENGTH_BYTES) // STEP) * STEP


def _widest(pool: PoolRule) -> int:
    if pool.kind == Kind.POINTS:
        return pool.points or pool.most_points or MOST_POINTS
    return len(pool.options)


def pad(data: bytes, length: int) -> bytes:
    """``data`` with its length before and zeros behind; raises ValueError where it does not fit."""
    if LENGTH_BYTES + len(data) > length:
        raise ValueError("the ballot is longer than the election allows")
    return (len(data).to_bytes(LENGTH_BYTES, "big") + data).ljust(length, b"\0")


def unpad(data: bytes) -> bytes:
    """The inverse of ``pad``; raises ``Unreadable``."""
    length = int.from_bytes(data[:LENGTH_BYTES], "big")
    body, rest = data[LENGTH_BYTES : LENGTH_BYTES + length], data[LENGTH_BYTES + length :]
    if len(data) < LENGTH_BYTES or len(body) != length or rest.strip(b"\0"):
        raise Unreadable("no ballot")
    return body


def seal(ballot: Ballot, *, public_key: bytes, length: int) -> bytes:
    """The ballot sealed to the committee: always ``length`` + 48 bytes, different each time."""
    return SealedBox(PublicKey(public_key)).encrypt(pad(encode(ballot), length))


def unseal(ciphertext: bytes, key: PrivateKey) -> Ballot:
    """The ballot in a sealed box; raises ``Unreadable`` for one sealed to another key, or changed."""
    try:
        return decode(unpad(SealedBox(key).decrypt(ciphertext)))
    except CryptoError as error:
        raise Unreadable("sealed to another key, or changed") from error

"""Identifiers of everything that is stored."""

from uuid import UUID

from uuid_utils import compat


def uuid7() -> UUID:
    """A time-ordered identifier (RFC 9562 § 5.7), so that new rows land at the end of an index."""
    return compat.uuid7()

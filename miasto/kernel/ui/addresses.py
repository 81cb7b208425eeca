"""Addresses of many pages of one kind, made fast."""

from collections.abc import Callable

from django.urls import reverse


def addresses(page: str, sample: str) -> Callable[[str], str]:
    """What makes the address of the page named ``page`` from its one argument, which must look like ``sample``.

    The name is resolved once; resolving it for each of two thousand points takes longer than the query that finds them.
    """
    before, after = reverse(page, args=[sample]).split(sample)
    return lambda argument: f"{before}{argument}{after}"

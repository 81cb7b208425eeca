"""The pieces of one read from a bucket on their way: out of memory, by many ranges at once, and what fails so with patience.

Pieces that lie close together in one object are one request. While the first stretch is being decoded, the next ones come.
"""

from __future__ import annotations

import threading
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING

from miasto.kernel.observations.archive.fetching import Given, Span

if TYPE_CHECKING:
    from miasto.kernel.observations.archive.bucket import Bucket

GAP, LONGEST = 1 << 16, 4 << 20  # bytes between pieces that are read along, and of one request
AHEAD = 64 << 20  # bytes that are asked for before those in front of them are wanted
PATIENT_AT_ONCE = 256


class Flow:
    """The bytes of ``asked``, which come by object and place, within ``seconds`` (None: a job, which has time)."""

    def __init__(self, store: Bucket, asked: Sequence[Span], seconds: float | None) -> None:
        self.store, self.asked, self.seconds = store, asked, seconds
        self.ends = None if seconds is None else time.monotonic() + seconds
        self.found: list[bytes | None] = [store.memory.get(one) for one in asked]
        self.members = _close_together(asked, self.found)
        self.spans = [_over(asked[some.start], asked[some.stop - 1]) for some in self.members]
        sizes = [0, *accumulate(one.length for one in asked)]
        self.before = [sizes[some.start] for some in self.members]
        self.sizes, self.taken, self.known, self.wanted = sizes, 0, 0, 0
        self.ready, self.stopped, self.over = threading.Condition(), threading.Event(), False
        self.failed: BaseException | None = None

    def stretches(self, cuts: Sequence[int]) -> Iterator[list[bytes]]:
        """The pieces up to each of the ``cuts``, the last of which is their number. Raises ``Unreachable``."""
        if self.spans and len(cuts) > 1:
            self.store.flows.submit(self._run)
        else:
            self._run()
        try:
            begin = 0
            for cut in cuts:
                self._wait(cut)
                yield [one for one in self.found[begin:cut] if one is not None]
                self.found[begin:cut] = [None] * (cut - begin)
                begin = self.taken = cut
        finally:
            self.stopped.set()

    def _wait(self, upto: int) -> None:
        with self.ready:
            self.wanted = upto
            self._count()
            self.ready.wait_for(lambda: self.known >= upto or self.over, self._left())
            if self.known < upto:
                raise self.failed or self.store.away()

    def _left(self) -> float | None:
        return None if self.ends is None else max(0.0, self.ends - time.monotonic())

    def _count(self) -> None:
        while self.known < len(self.found) and self.found[self.known] is not None:
            self.known += 1

    def _run(self) -> None:
        try:
            left = self._at_once() if self.spans else []
            for some in (left[:1], *(left[at : at + PATIENT_AT_ONCE] for at in range(1, len(left), PATIENT_AT_ONCE))):
                if self.stopped.is_set():
                    break
                spans = [self.spans[number] for number in some]
                for number, body in zip(some, self.store.patiently(spans, self.seconds, self._left()), strict=True):
                    self._got(number, body)
        except TimeoutError:
            self.failed = self.store.away()
        except BaseException as error:  # who waits for it raises it
            self.failed = error
        with self.ready:
            self.over = True
            self._count()
            self.ready.notify_all()

    def _at_once(self) -> list[int]:
        given = Given(self._got, self._may, self.store.silence_s(self.seconds), self.ends, self.stopped)
        return self.store.at_once(self.spans, given)

    def _may(self) -> int:
        return bisect_right(self.before, self.sizes[self.taken] + AHEAD)

    def _got(self, number: int, body: bytes) -> None:
        span, some = self.spans[number], self.members[number]
        for place in range(some.start, some.stop):
            one = self.asked[place]
            piece = body if len(some) == 1 else body[one.start - span.start :][: one.length]
            self.store.memory.put(one, piece, len(piece))
            self.found[place] = piece
        if some.start <= self.known < some.stop:
            self._told()

    def _told(self) -> None:
        with self.ready:
            self._count()
            if self.known >= self.wanted:
                self.ready.notify_all()


def _close_together(asked: Sequence[Span], found: Sequence[bytes | None]) -> list[range]:
    """Stretches of ``asked`` that are not known and that one request each brings."""
    made: list[range] = []
    for place, one in enumerate(asked):
        if found[place] is not None:
            continue
        if made and made[-1].stop == place:
            first, last = asked[made[-1].start], asked[place - 1]
            near = 0 <= one.start - last.start - last.length <= GAP
            if one.key == last.key and near and one.start + one.length - first.start <= LONGEST:
                made[-1] = range(made[-1].start, place + 1)
                continue
        made.append(range(place, place + 1))
    return made


def _over(first: Span, last: Span) -> Span:
    return Span(first.key, first.start, last.start + last.length - first.start)

"""For tests of the ballot box over HTTP: an election made in the running city, and a voter who tries again until answered."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import uuid
from dataclasses import dataclass, field

PATIENCE_S = 120
PREPARE = """
import json
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.participation.voting import receipts, tickets
from miasto.kernel.participation.voting.testing import make_open_election
election, shares = make_open_election(options=30)
def ticket(number):
    key = receipts.voter_key(election=election.pk, identity=f"wyborca {number}")
    return key.hex(), tickets.issue(election=election.pk, voter_key=key, channel="account")
voters = [ticket(number) for number in range(%d)]
print(json.dumps({"election": str(election.pk), "shares": [one.words for one in shares], "voters": voters}))
"""
FINISH = """
import json
from datetime import timedelta
from uuid import UUID
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.participation.voting import selectors, services
from miasto.kernel.participation.voting.models import CastVoteRecord, Election
election = Election.objects.get(pk=UUID(%r))
with clock.at(election.closes_at + timedelta(seconds=1)):
    services.close_election(election=election.pk, by=SYSTEM)
    services.tally(election=election.pk, shares=%r, by=SYSTEM)
print(json.dumps({
    "bulletin": selectors.bulletin_lines(election.pk),
    "ballots": list(CastVoteRecord.objects.filter(election=election).values_list("choices", flat=True)),
}))
"""


@dataclass
class Voter(threading.Thread):
    """Casts ballots one after another; each is sent again, with the same key, until the box answers."""

    port: int
    election: str
    key: str
    ticket: str
    enough: threading.Event
    dice: random.Random
    most: int = 150
    given: list[tuple[str, int, dict[str, str]]] = field(default_factory=list)
    repeated: int = 0
    failed: BaseException | None = None

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        try:
            while not self.given or (not self.enough.is_set() and len(self.given) < self.most):
                request, option = str(uuid.uuid4()), self.dice.randint(1, 30)
                self.given.append((request, option, self._cast(request, option)))
                time.sleep(self.dice.uniform(0, 0.2))
        except BaseException as error:
            self.failed = error

    def _cast(self, request: str, option: int) -> dict[str, str]:
        body = json.dumps({"ticket": self.ticket, "request": request, "ballot": {"1": [option]}})
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                status, answer = self._post(body)
                if status == 200:
                    return json.loads(answer)
                assert status in (500, 503), (status, answer)
            except (http.client.HTTPException, OSError):
                pass
            assert time.monotonic() < until, "the box does not answer"
            self.repeated += 1
            time.sleep(0.1)

    def _post(self, body: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"/glosowania/{self.election}/glos/", body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

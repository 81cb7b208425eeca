"""Made-up requests: what the profile's ``demo_requests.toml`` says, lived through by the services; deterministic."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM, viewer_for_person
from miasto.kernel.core import clock, marks
from miasto.kernel.core.city import city
from miasto.modules.idea import demo_days
from miasto.modules.idea.requests import services
from miasto.modules.idea.requests.models import ConsultationRequest, Signature

SIGN_BY_ACCOUNT = 6


def load() -> None:
    """Each request of the profile up to its fate."""
    people = [viewer_for_person(UUID(one)) for one in marks.get("demo.residents", [])]
    for row in city().toml("demo_requests.toml").get("requests", []) if people else []:
        _live(row, people)


def _live(row: dict[str, Any], people: list[Any]) -> None:
    with demo_days.at(row["asked"]):
        made = services.ask(title=row["title"], text=row["text"].strip(), by=people[1])
    if "published" not in row:
        return
    with demo_days.at(row["published"]):
        made = services.publish(request=made, by=SYSTEM)
        _sign(made, row["signatures"])
        for viewer in people[2 : 2 + SIGN_BY_ACCOUNT]:
            if ConsultationRequest.objects.get(pk=made.pk).reached_at is None:
                services.sign(request=made, by=viewer)
    if "fate" in row:
        with demo_days.at(row["answered"]):
            services.answer(request=made, accepted=row["fate"] == "accepted", reasons=row["reasons"], by=SYSTEM)


def _sign(made: ConsultationRequest, count: int) -> None:
    """Signatures of people who are already forgotten, as after a year: the digest stays, nobody is named."""
    rows = [Signature(request=made, who=f"demo:{n}", at=clock.now(), confirmed_at=clock.now()) for n in range(count)]
    Signature.objects.bulk_create(rows)

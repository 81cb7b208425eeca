"""Made-up panels: what the profile's ``demo_panels.toml`` says, lived through by the services."""

from __future__ import annotations

import hashlib
import random
from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import SYSTEM, unit_for, viewer_for_person
from miasto.kernel.core import marks
from miasto.kernel.core.city import city
from miasto.modules.idea import demo_days
from miasto.modules.idea.panels import services
from miasto.modules.idea.panels.drawing import seats
from miasto.modules.idea.panels.models import Panel, State

PART = 0.9


def load(*, seed: int) -> None:
    """Each panel of the profile; deterministic but for the order of numbers, which is drawn as in life."""
    told = city().toml("demo_panels.toml")
    people = [viewer_for_person(UUID(one)) for one in marks.get("demo.residents", [])]
    for row in told.get("panels", []):
        _live(row, told["features"][: row.get("features")], people, random.Random(seed))  # noqa: S311 - of the demo only


def _features(told: list[dict[str, Any]], size: int) -> list[dict[str, Any]]:
    found = []
    for feature in told:
        bounds = seats(size, [people for _name, people in feature["values"]])
        values = [
            {"name": name, "population": people, "least": least, "most": most}
            for (name, people), (least, most) in zip(feature["values"], bounds, strict=True)
        ]
        found.append({"name": feature["name"], "values": values})
    return found


def _live(row: dict[str, Any], told: list[dict[str, Any]], people: list[Any], chance: random.Random) -> None:
    until, drawn = demo_days.day(row["recruit_until"]), demo_days.day(row["draw_on"])
    words = {name: row[name].strip() for name in ("title", "question", "about", "public_source")}
    with demo_days.at(row["published"]):
        panel = services.create_panel(
            row=services.PanelRow(
                **words,
                unit_id=unit_for(row["competence"]).pk,
                size=row["size"],
                recruit_until=until,
                draw_on=drawn,
                features=_features(told, row["size"]),
            ),
            by=SYSTEM,
        )
        services.publish_panel(panel=panel, by=SYSTEM)
    with demo_days.at(row["published"] + 3):
        for viewer in people[1:]:
            if chance.random() < (PART if "finished" in row else PART / 2):
                services.apply(panel=panel, values=_values(panel, chance), by=viewer)
    if "finished" in row:
        _work(panel, row)


def _values(panel: Panel, chance: random.Random) -> dict[str, str]:
    """Those who are many volunteer more, as in life."""
    return {
        feature["name"]: chance.choices(
            [value["name"] for value in feature["values"]], [value["population"] ** 1.3 for value in feature["values"]]
        )[0]
        for feature in panel.features
    }


def _work(panel: Panel, row: dict[str, Any]) -> None:
    secret = hashlib.sha256(f"demo {panel.slug}".encode()).hexdigest()
    with demo_days.at(row["recruit_until"] + 1):
        services.close_recruitment(panel=panel, by=SYSTEM)
        services.publish_list(panel_id=panel.pk, by=SYSTEM, seed=secret)
    with demo_days.at(row["draw_on"], 23):
        services.draw(panel=panel, public_value=row["public_value"], by=SYSTEM)
    with demo_days.at(row["draw_on"] + 3):
        for place in range(panel.size * 2):
            one = panel.applicants.filter(state=State.INVITED).order_by("number").first()
            if one is None:
                break
            services.answer(panel=panel, accepts=place >= row["refusals"], by=SYSTEM, applicant=one)
        for one in row["sessions"]:
            services.save_session(
                panel=panel,
                title=one["title"],
                starts_at=demo_days.moment(one["day"], one["hour"]),
                place=one["place"],
                materials=one.get("materials", ""),
                by=SYSTEM,
            )
    for one in row["recommendations"]:
        with demo_days.at(row["finished"] - 20):
            made = services.recommend(panel=panel, text=one["text"], by=SYSTEM)
        with demo_days.at(row["finished"]):
            services.decide(recommendation=made, fate=one["fate"], reasons=one["reasons"], url="", by=SYSTEM)
    with demo_days.at(row["finished"]):
        services.finish(panel=panel, by=SYSTEM)

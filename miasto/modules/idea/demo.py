"""Made-up consultations: what the profile's ``demo_consultations.toml`` says, lived through by the services."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import Point

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM, unit_for, viewer_for_person
from miasto.kernel.core import clock, marks
from miasto.kernel.core.city import city
from miasto.kernel.files import services as files
from miasto.kernel.participation import selectors, services
from miasto.kernel.places.selectors import districts, geocode
from miasto.modules.idea import demo_days, demo_media
from miasto.modules.idea.budget import demo as budget
from miasto.modules.idea.budget import results_demo as budget_results
from miasto.modules.idea.ideas import demo as ideas
from miasto.modules.idea.live import demo as live
from miasto.modules.idea.naming import KIND
from miasto.modules.idea.newsletter import demo as newsletter
from miasto.modules.idea.panels import demo as panels
from miasto.modules.idea.requests import demo as requests
from miasto.modules.idea.surveys import demo as surveys
from miasto.modules.idea.voting import demo as votes

REMARK = selectors.Phase.Action.REMARK


def load(*, seed: int) -> None:
    """Each consultation of the profile, step by step at its days; deterministic."""
    for row in city().toml("demo_consultations.toml").get("consultations", []):
        _live(row)
    panels.load(seed=seed)
    requests.load()
    newsletter.load(seed=seed)
    live.load(seed=seed)
    budget.load(seed=seed)
    budget_results.load(seed=seed)
    votes.load(seed=seed)
    surveys.load(seed=seed)
    budget.follow_winners()
    ideas.load(seed=seed)


def _live(row: dict[str, Any]) -> None:
    phases = _phases(row)
    meetings = [(one, demo_days.day(one["day"])) for one in row.get("meetings", [])]
    with demo_days.at(row["published"]):
        process = services.create_process(process_kind=KIND, row=_row(row, phases), by=SYSTEM)
        for one in row["documents"]:
            _document(process, dict(one))
        if row.get("film"):
            services.save_film(process=process, film=demo_media.film(), captions=demo_media.captions(), by=SYSTEM)
        for one, day in meetings:
            services.save_meeting(process=process, row=_meeting(one, day), by=SYSTEM)
        services.publish_process(process=process, by=SYSTEM)
    _remarks(process, row)
    for view in selectors.meetings(process):
        said = next((one.get("minutes", "") for one, _day in meetings if one["title"] == view.meeting.title), "")
        if said:
            services.publish_minutes(meeting=view.meeting, minutes=said, by=SYSTEM)
    _answer(process, row)


def _document(process: Any, one: dict[str, Any]) -> None:
    """A document; where the profile names a ``file``, a PDF of one page with that title."""
    title = one.pop("file", "")
    kept = [(files.store_document(upload=demo_media.sheet(title), by=SYSTEM).pk, title)] if title else []
    services.add_document(process=process, by=SYSTEM, files=kept, **{**one, "text": one["text"].strip()})


def _phases(row: dict[str, Any]) -> list[services.PhaseRow]:
    first, last = demo_days.day(row["remarks_from"]), demo_days.day(row["remarks_to"])
    return [
        services.PhaseRow(
            name="Zbieranie uwag",
            starts_on=first,
            ends_on=last,
            text="Napisz uwagę przez stronę, na papierze, e-mailem, telefonicznie albo na spotkaniu.",
            actions=[REMARK],
        ),
        services.PhaseRow(
            name="Odpowiedzi na uwagi",
            starts_on=last + timedelta(days=1),
            ends_on=last + timedelta(days=30),
            text="Odpowiadamy na każdą uwagę i piszemy dlaczego.",
        ),
    ]


def _row(row: dict[str, Any], phases: list[services.PhaseRow]) -> services.ProcessRow:
    area = next((one for one in districts() if one.name == row.get("area")), None)
    return services.ProcessRow(
        title=row["title"],
        decided=row["decided"],
        decided_when=row["decided_when"],
        decided_by=row["decided_by"],
        easy=row.get("easy", ""),
        sign_video=row.get("sign_video", ""),
        translations=row.get("translations", {}),
        basis=row["basis"],
        initiator=row["initiator"],
        unit_id=unit_for(row["competence"]).pk,
        author_groups=[one.key for one in selectors.law.author_groups()],
        area_id=area.pk if area else None,
        phases=phases,
    )


def _meeting(one: dict[str, Any], day: date) -> services.MeetingRow:
    starts = datetime.combine(day, time(one["hour"]), tzinfo=clock.zone())
    return services.MeetingRow(
        title=one["title"],
        starts_at=starts,
        ends_at=starts + timedelta(hours=2),
        place=one.get("place", ""),
        online_url=one.get("online_url", ""),
        capacity=one.get("capacity", 0),
    )


def _remarks(process: Any, row: dict[str, Any]) -> None:
    paragraphs = {
        paragraph.number: paragraph.pk
        for view in selectors.documents(process)
        if view.document.role == "subject"
        for paragraph, _count in selectors.paragraphs(view.version)
    }
    resident = viewer_for_person(UUID(marks.get("demo.residents", [])[0])) if marks.get("demo.residents") else ANONYMOUS
    for one in row.get("remarks", []):
        with demo_days.at(one["day"], 9):
            made = _remark(process, one, paragraphs, resident if one.get("resident") else ANONYMOUS)
            if not one.get("waits"):
                publish = not one.get("withheld")
                services.decide_text(contribution=made, publish=publish, by=SYSTEM)


def _remark(process: Any, one: dict[str, Any], paragraphs: dict[int, UUID], by: Any) -> Any:
    place = next(iter(geocode(one["place"], limit=1)), None) if one.get("place") else None
    target = services.Target(
        paragraph_id=paragraphs[one["paragraph"]] if one.get("paragraph") else None,
        geom=Point(place.lon, place.lat, srid=4326) if place else None,
        address_text=place.label if place else "",
    )
    author = services.Author(name=one.get("name", ""), postal_address=one.get("postal_address", ""))
    answers = {"owner": one["owner"]} if one.get("owner") else {}
    remark = services.RemarkRow(body=one["text"], author_group=one["group"], author=author, target=target, answers=answers)
    if one["channel"] == selectors.Channel.WEB:
        return services.contribute(process=process, row=remark, by=by).contribution
    posted = _day_at(one["posted"], one["day"]) if "posted" in one else None
    return services.enter(
        process=process, row=remark, channel=one["channel"], received_on=clock.today(), posted_on=posted, by=SYSTEM
    )


def _day_at(day: int, held: int) -> date:
    """The local date ``day`` days from today, told while the clock is held ``held`` days from today."""
    return clock.today() + timedelta(days=day - held)


def _answer(process: Any, row: dict[str, Any]) -> None:
    """Group the duplicates, answer, and close where the profile says so, at the day of closing."""
    with demo_days.at(row.get("closed", 0)):
        made = list(selectors.ledger(process, SYSTEM, selectors.LedgerFilters()))
        titles = [one.get("group_title", "") for one in row.get("remarks", [])]
        groups = {}
        for title in dict.fromkeys(filter(None, titles)):
            ids = [remark.pk for remark, said in zip(made, titles, strict=True) if said == title]
            groups[title] = services.make_group(process=process, title=title, contribution_ids=ids, by=SYSTEM)
        for one in row.get("decisions", []):
            to = {"group": groups[one["group"]]} if "group" in one else {"contribution": made[one["remark"] - 1]}
            services.decide(process=process, outcome=one["outcome"], reasons=one["reasons"], by=SYSTEM, **to)
        if "closed" in row:
            services.close_process(process=process, outcome=row["outcome"], by=SYSTEM)

"""A client of GeoReport v2: what other authorities offer, filing with them, and what they answer.

Only XML is asked for, the one format that every server must have. Answers are read as they come: a missing field is empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from miasto.kernel.core import outbound

SECONDS = 30
MOST = 5_000_000
ROOTS = {"services", "service_definition", "service_requests", "service_request_updates"}


class Refused(Exception):
    """The other side answered with an error of the standard: ``status`` and its own words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


class Unwell(Exception):
    """The other side is in trouble, or speaks no GeoReport: worth another try later."""


@dataclass(frozen=True)
class Service:
    """A service that may be asked for."""

    code: str
    name: str
    description: str
    keywords: str
    group: str
    has_questions: bool


@dataclass(frozen=True)
class Question:
    """A question of a service. ``values`` are the keys that may be answered; empty for free text."""

    code: str
    required: bool
    datatype: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Update:
    """One update of a request. ``status`` is in small letters; ``at`` may be missing."""

    id: str
    status: str
    text: str
    at: datetime | None


@dataclass(frozen=True)
class Request:
    """A request as the other side tells of it."""

    number: str
    status: str
    notes: str
    description: str


class GeoReport:
    """One endpoint (``https://…/open311/v2``). Methods raise ``Refused``, ``Unwell`` or what ``core.outbound`` raises."""

    def __init__(self, endpoint: str, *, key: str = "", jurisdiction: str = "") -> None:
        self.endpoint, self.key, self.jurisdiction = endpoint.rstrip("/"), key, jurisdiction

    def services(self) -> list[Service]:
        """What may be asked for."""
        return [
            Service(
                code=_text(row, "service_code"),
                name=_text(row, "service_name"),
                description=_text(row, "description"),
                keywords=_text(row, "keywords"),
                group=_text(row, "group"),
                has_questions=_text(row, "metadata").lower() == "true",
            )
            for row in self._get("services").iter("service")
        ]

    def questions(self, code: str) -> list[Question]:
        """The questions of a service that want an answer."""
        rows = self._get(f"services/{quote(code, safe='')}").iter("attribute")
        return [
            Question(
                code=_text(row, "code"),
                required=_text(row, "required").lower() == "true",
                datatype=_text(row, "datatype"),
                values=tuple(_text(value, "key") for value in row.iter("value") if value.find("key") is not None),
            )
            for row in rows
            if _text(row, "variable").lower() != "false"
        ]

    def file(self, arguments: Sequence[tuple[str, str]]) -> tuple[str, str]:
        """File a request; returns (its number, "") or ("", a token by which the number will be had)."""
        made = self._post("requests", arguments).find(".//request")
        number, token = (_text(made, "service_request_id"), _text(made, "token")) if made is not None else ("", "")
        if not (number or token):
            raise Unwell("neither a number nor a token")
        return number, "" if number else token

    def number_of(self, token: str) -> str:
        """The number of a request by its token; empty where there is none yet."""
        try:
            found = self._get(f"tokens/{quote(token, safe='')}").find(".//request")
        except Refused as problem:
            if problem.status == 404:
                return ""
            raise
        return _text(found, "service_request_id") if found is not None else ""

    def request(self, number: str) -> Request | None:
        """One request; None where the other side does not show it."""
        try:
            found = self._get(f"requests/{quote(number, safe='')}").find(".//request")
        except Refused as problem:
            if problem.status == 404:
                return None
            raise
        return _request(found) if found is not None else None

    def requests(self, **arguments: str) -> list[Request]:
        """The requests that fit the arguments of the standard."""
        return [_request(row) for row in self._get("requests", arguments).iter("request")]

    def updates(self, since: datetime, number: str) -> list[Update] | None:
        """The updates of one request since a moment, oldest first; None where the other side lacks the extension."""
        arguments = {"start_date": w3(since), "service_request_id": number}
        try:
            rows = self._get("servicerequestupdates", arguments).iter("request_update")
        except (Refused, Unwell):
            return None
        return [
            Update(_text(row, "update_id"), _text(row, "status").lower(), _text(row, "description"), _moment(row))
            for row in rows
            if _text(row, "service_request_id") == number and _text(row, "update_id")
        ]

    def _get(self, resource: str, arguments: Mapping[str, str] | None = None) -> Element:
        asked = {**({"jurisdiction_id": self.jurisdiction} if self.jurisdiction else {}), **(arguments or {})}
        query = f"?{urlencode(asked)}" if asked else ""
        return _document(outbound.fetch(f"{self.endpoint}/{resource}.xml{query}", most=MOST, seconds=SECONDS))

    def _post(self, resource: str, arguments: Sequence[tuple[str, str]]) -> Element:
        own = [("api_key", self.key), *([("jurisdiction_id", self.jurisdiction)] if self.jurisdiction else [])]
        body = urlencode([*own, *arguments]).encode()
        media_type = "application/x-www-form-urlencoded; charset=utf-8"
        return _document(
            outbound.send(f"{self.endpoint}/{resource}.xml", body, media_type=media_type, most=MOST, seconds=SECONDS)
        )


def w3(moment: datetime) -> str:
    """A moment in UTC, to the second (W3C NOTE-datetime)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _document(answer: outbound.Answer) -> Element:
    try:
        root: Any = fromstring(answer.body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Unwell(f"status {answer.status}, no XML") from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]  # the standard allows its own namespace
    if answer.status >= 500 or answer.status == 429:
        raise Unwell(f"status {answer.status}")
    if answer.status >= 300:
        said = [_text(row, "description") for row in root.iter("error")]
        raise Refused(answer.status, "; ".join(words for words in said if words)[:300])
    if root.tag not in ROOTS:
        raise Unwell("no document of GeoReport")
    found: Element = root
    return found


def _request(row: Element) -> Request:
    return Request(
        number=_text(row, "service_request_id"),
        status=_text(row, "status").lower(),
        notes=_text(row, "status_notes"),
        description=_text(row, "description"),
    )


def _text(row: Element, name: str) -> str:
    return (row.findtext(name) or "").strip()


def _moment(row: Element) -> datetime | None:
    try:
        found = datetime.fromisoformat(_text(row, "updated_datetime").replace("Z", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else None

"""Words of made-up reports and answers, put together from the sentences of the profile's ``demo_reports.toml``."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any

HOMELIKE = ("home", "centre", "green", "stop", "bus")
NAMES = ("Anna", "Piotr", "Katarzyna", "Marek", "Zofia", "Tomasz", "Halina", "Jan", "Ewa", "Stanisław", "Barbara", "Krzysztof")
SURNAMES = ("Zmyślona", "Przykładowy", "Nieprawda", "Bajka", "Fikcja", "Wzorek", "Pokaz", "Próbka", "Makieta", "Zmyślak")
_PLAIN = str.maketrans("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "acelnoszzACELNOSZZ")


@dataclass(frozen=True)
class Spot:
    """A place as a resident names it. ``street`` without its prefix, ``number`` may be empty."""

    street: str
    number: str
    crossing: str = ""
    landmark: str = ""


@dataclass(frozen=True)
class Words:
    """The text of a report; ``masked`` is what a clerk publishes, the same text unless it held personal data."""

    text: str
    masked: str

    @property
    def private(self) -> bool:
        return self.text != self.masked


def locative(name: str, indeclinable: frozenset[str], known: dict[str, str]) -> str:
    """A street's name after "przy": adjectives are inflected ("Warszawska" -> "Warszawskiej"), surnames stay."""
    if name in known:
        return known[name]
    if name in indeclinable or not name.endswith("a") or " " in name:
        return name
    stem = name[:-1]
    return f"{stem}iej" if stem[-1] in "kg" else f"{stem}ej"


class Grammar:
    """Builds texts by ``dice`` from the table of the profile; the same dice give the same words."""

    def __init__(self, table: dict[str, Any], dice: random.Random) -> None:
        self.table = table
        self.dice = dice
        self.indeclinable = frozenset(table.get("genitive_streets", ()))
        self.known = table.get("locatives", {})

    def topic(self, category: str) -> int:
        """Which of a category's sentences somebody will say."""
        return self.dice.randrange(len(self._sentences(category)))

    def _sentences(self, category: str, *, again: bool = False) -> list[str]:
        entry = self.table.get("categories", {}).get(category, {})
        told = entry.get("say") or ["Zgłaszam problem {tu}."]
        return entry["again"] if again and len(entry.get("again", ())) == len(told) else told

    def report(self, category: str, spot: Spot, ground: str, *, said: int = 0, again: bool = False) -> Words:
        """A report on a category of the profile by its sentence ``said``, or as somebody else tells of the same (``again``).

        A category without sentences gets a plain one.
        """
        entry = self.table.get("categories", {}).get(category, {})
        place = self.place(spot, ground)
        parts = [self._fill(self._sentences(category, again=again)[said], place)]
        if self.dice.random() < 0.62 and entry.get("then"):
            for sentence in self.dice.sample(entry["then"], k=1 if self.dice.random() < 0.8 else min(2, len(entry["then"]))):
                parts.append(self._fill(sentence, place))
        if self.dice.random() < 0.3:
            parts.insert(0, self._one(self.table.get("openings", [""])))
        if self.dice.random() < 0.38:
            parts.append(self._one(self.table.get("closings", [""])))
        private = self._private(spot) if self.dice.random() < 0.045 else ""
        masked = self._join(parts)
        text = self._join([*parts, private]) if private else masked
        return self._as_typed(Words(text, f"{masked} [dane osobowe usunięte]" if private else masked))

    def place(self, spot: Spot, ground: str) -> str:
        """Where it is, to be put into a sentence: "przy Warszawskiej 12", "na skrzyżowaniu Warszawskiej i Polnej"."""
        street = self._locative(spot.street)
        at = f"{street} {spot.number}".strip()
        if spot.landmark and self.dice.random() < 0.6:
            return f"przy {street} ({spot.landmark})"
        if spot.crossing and ground not in HOMELIKE and self.dice.random() < 0.3:
            return f"na skrzyżowaniu {street} i {self._locative(spot.crossing)}"
        if not spot.number:
            return f"przy {street}"
        return self.dice.choice(
            [
                f"przy {at}",
                f"przy {at}",
                f"przy {at}",
                f"na wysokości {at}",
                f"naprzeciwko numeru {spot.number} na {street}",
                f"obok bloku przy {at}" if ground == "home" else f"w okolicy {at}",
            ]
        )

    def answer(self, category: str, kind: str) -> str:
        """The public answer that ends a case: kind is done, no or out."""
        entry = self.table.get("categories", {}).get(category, {})
        fallback = {"done": ["Problem został usunięty."], "no": self.table.get("refused"), "out": self.table.get("forwarded")}
        own = entry.get(kind) or []
        own_first = bool(own) and (kind == "done" or self.dice.random() < 0.5)
        choices = (own if own_first else fallback[kind]) or own or ["Sprawa jest zakończona."]
        start = self._one(["Dzień dobry. ", "Dzień dobry, ", "", "", ""])
        body = self._fill(self._one(choices), "")
        thanks = self._one(["", "", " Dziękujemy za zgłoszenie.", " Dziękujemy za czujność.", " Pozdrawiamy."])
        return (start + (body[0].lower() + body[1:] if start.endswith(", ") else body) + thanks).strip()

    def outside(self) -> dict[str, Any] | None:
        """A body outside the city with what is said to it and by it; None where the profile names none."""
        return self.dice.choice(self.table["outside"]) if self.table.get("outside") else None

    def line(self, kind: str) -> str:
        """One sentence of a common list: questions, replies, disputes, redo, upheld, internal, public, additions."""
        return self._fill(self._one(self.table.get(kind) or [""]), "")

    def _locative(self, name: str) -> str:
        return locative(name, self.indeclinable, self.known)

    def _private(self, spot: Spot) -> str:
        values = {
            "imie": self.dice.choice(NAMES),
            "nazwisko": self.dice.choice(SURNAMES),
            "telefon": f"000 {self.dice.randrange(100, 999)} {self.dice.randrange(100, 999)}",
            "numer": spot.number or str(self.dice.randrange(1, 60)),
            "rejestracja": f"{self.dice.randrange(10000, 99999)}",
        }
        return self._one(self.table.get("private") or [""]).format(**values)

    def _fill(self, sentence: str, place: str) -> str:
        people = self._one(self.table.get("people") or ["ludzie"])
        upper = place[:1].upper() + place[1:]
        filled = (
            sentence.replace("{tu}", place)
            .replace("{Tu}", upper)
            .replace("{kto}", people)
            .replace("{Kto}", people[:1].upper() + people[1:])
            .replace("{od}", self._one(self.table.get("since") or [""]))
            .replace("{ile}", str(self.dice.randrange(2, 6)))
            .replace("{linia}", str(self.dice.randrange(1, 55)))
        )
        return re.sub(r"\s+", " ", filled).strip()

    def _one(self, choices: list[str]) -> str:
        return self.dice.choice(choices) if choices else ""

    def _join(self, parts: list[str]) -> str:
        said = ""
        for part in filter(None, parts):
            after_comma = said.endswith(",")
            said += (" " if said else "") + (part[:1].lower() + part[1:] if after_comma else part)
        return said

    def _as_typed(self, words: Words) -> Words:
        """As people type on a phone: some without Polish letters, some without capitals and full stops."""
        roll = self.dice.random()
        if roll < 0.06:
            return Words(words.text.translate(_PLAIN), words.masked.translate(_PLAIN))
        if roll < 0.12:
            return Words(words.text.lower(), words.masked.lower())
        if roll < 0.17:
            return Words(words.text.rstrip("."), words.masked.rstrip("."))
        if roll < 0.2:
            return Words(words.text.replace(". ", "\n\n", 1), words.masked.replace(". ", "\n\n", 1))
        return words

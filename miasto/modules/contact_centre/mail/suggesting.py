"""A guess at the class of a letter from its words; the operator decides."""

from __future__ import annotations

import re

from miasto.kernel.core.polish import fold

# Folded words (no diacritics, small letters) with their weights.
_SIGNS: dict[str, tuple[tuple[str, float], ...]] = {
    "petition": ((r"\bpetycj", 5), (r"\bzbiorow\w+ podpis", 2), (r"\bw interesie publicznym", 1)),
    "information": (
        (r"informacj\w+ publiczn", 5),
        (r"dostepie do informacji", 5),
        (r"\bskan(y|ow|u)?\b.{0,40}\bumow", 2),
        (r"\bprosze o udostepnienie", 2),
        (r"\brejestr\w* umow", 2),
    ),
    "complaint": (
        (r"\bskarg", 4),
        (r"\bskladam skarg", 3),
        (r"\bskarze sie", 4),
        (r"\bopieszalosc|\bbezczynnosc|\bprzewlekl", 3),
        (r"\bniegrzeczn|\baroganc|\bzbyl\b|\bopryskliw|\blekcewaz", 2),
        (r"\b(urzednik|urzedniczk|pracowni\w+ (urzedu|wydzialu))", 1),
    ),
    "proposal": (
        (r"\bproponuj|\bpostuluj", 3),
        (r"\bwnosze o (ustawienie|zmiane|utworzenie|montaz)", 3),
        (r"\bwarto by", 2),
    ),
    "application": (
        (r"\bzaswiadczen", 3),
        (r"\bodwolanie od decyzji", 5),
        (r"\bpodanie o\b", 4),
        (r"\bwydanie (decyzji|zezwolenia|zgody|zaswiadczenia)", 4),
        (r"\bwarunk\w+ zabudowy|\bumorzenie|\bdodatek mieszkaniowy|\bzajecie pasa drogowego", 3),
    ),
    "thanks": ((r"\bdziekuj\w*", 1.5), (r"\bserdeczne podziekowania|\bpochwal|\bwielkie brawa|\bswietna robota", 3)),
    "spam": (
        (r"\bbitcoin|\bkasyno|\bpozyczk\w+ bez|\bseo\b|\bpozycjonowani|\boferta handlowa|\bfotowoltaik\w+ dla firm", 4),
        (r"\bunsubscribe|\bwypisz sie", 3),
    ),
    "elsewhere": ((r"\bzus\b|\bnfz\b|\bpit\b|\burzad skarbowy|\bpkp\b|\bpoczta polska", 2),),
    "question": ((r"\bw jakich godzinach|\bile kosztuje|\bgdzie (moge|mozna)|\bjakie dokumenty|\bczy (jutro|w sobote)", 3),),
    "report": (
        (r"\bdziur|\bwyrw|\bnie swieci|\blatarni|\blamp[ay]\b", 3),
        (r"\bkosz\w* (jest |sa )?(przepelnion|pelny)|\bwysypisk|\bsmieci\b", 3),
        (r"\bzglaszam|\bprosze o (naprawe|interwencje|usuniecie)", 2),
        (r"\bchodnik|\bjezdni|\bdrzew|\bzaparkowan|\bhustawk|\bprzystank", 1.5),
    ),
}
_COMPILED = {key: [(re.compile(pattern), weight) for pattern, weight in signs] for key, signs in _SIGNS.items()}
LEAST = 1.5
SUBJECT_COUNTS = 1.5
MOST = 6000


def suggest(subject: str, body: str) -> str:
    """The key of the class that the words speak for most; empty where they say too little."""
    title, words = fold(subject), fold(body[:MOST])
    scores = {
        key: sum(weight * (SUBJECT_COUNTS * bool(sign.search(title)) + bool(sign.search(words))) for sign, weight in signs)
        for key, signs in _COMPILED.items()
    }
    best = max(scores, key=lambda key: scores[key])
    return best if scores[best] >= LEAST else ""

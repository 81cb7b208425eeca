"""Names of people in Polish text: given names and surnames in all their cases, by the dictionary and by the words around.

The dictionary (morfeusz2) marks its readings ``imię`` and ``nazwisko``. A surname that it does not know is recognised by its
neighbour: a given name, "pan", "sąsiadka", a signature. Streets, patrons and institutions are told by the word before
them and by the names of the city's own places, which the caller passes in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from miasto.kernel.core import polish

_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*\.?")

TITLES = frozenset(
    polish.WORD.findall(
        """
        pan pana panu panem panie pani panią państwo państwa państwu państwem pp p pań panów panom paniom panowie
        sąsiad sąsiada sąsiadowi sąsiadem sąsiedzie sąsiadka sąsiadki sąsiadce sąsiadkę sąsiadką sąsiedzi sąsiadów
        sąsiadami sąsiadom lokator lokatora lokatorowi lokatorem lokatorka lokatorki lokatorce lokatorkę lokatorką
        najemca najemcy najemcę właściciel właściciela właścicielowi właścicielem właścicielka właścicielki
        właścicielkę właścicielką kierowca kierowcy kierowcę kierowcą dozorca dozorcy dozorcę dozorczyni gospodarz
        gospodarza listonosz listonosza mąż męża mężowi mężem żona żony żonie żonę żoną syn syna synowi synem córka
        córki córce córkę córką brat brata bratem siostra siostry siostrę siostrą wnuk wnuka wnuczka wnuczki matka
        matki ojciec ojca teść teścia teściowa teściowej kolega kolegi kolegę koleżanka koleżanki koleżankę znajomy
        znajomego znajoma znajomej urzędnik urzędnika urzędniczka urzędniczki inspektor inspektora inspektorem
        strażnik strażnika strażnikiem policjant policjanta dzielnicowy dzielnicowego funkcjonariusz funkcjonariusza
        kierownik kierownika kierowniczka dyrektor dyrektora doktor doktora doktorowi mgr inż dr lek prof rodzina
        rodziny rodzinie rodzinę rodziną małżeństwo małżonkowie niejaki niejakiego niejaka obywatel obywatela
        obywatelka świadek świadka sprawca sprawcy nazwisko nazwiskiem nazywa nazywam
        """
    )
)
GENTLE = frozenset(
    polish.WORD.findall(
        """
        pan pana panu panem pani panią państwo państwa państwu państwem sąsiad sąsiada sąsiadowi sąsiadem
        """
    )
)
PLACES = frozenset(
    polish.WORD.findall(
        """
        ul ulica ulicy ulicę ulicą ulice ulic al aleja alei aleję aleją aleje alej plac placu placem pl os osiedle
        osiedla osiedlu rondo ronda rondzie rondem skwer skweru skwerze skwerem park parku parkiem bulwar bulwaru
        bulwarze most mostu moście wiadukt im imienia św świętego świętej święta święty bł sw swietego swietej
        skrzyżowanie skrzyżowaniu skrzyżowania rogu róg zbiegu szkoła szkoły szkole liceum gimnazjum przedszkole
        przedszkola przedszkolu żłobek szpital szpitala szpitalu muzeum teatr teatru teatrze pomnik pomnika pomnikiem
        pomniku popiersie tablica pamięci pałac pałacu pałacyk dworek dwór kościół kościoła kościele kościołem parafia
        parafii kaplica kaplicy biblioteka biblioteki bibliotece dom hotel restauracja sklep firma hala stadion
        centrum galeria przystanek przystanku przystankiem pętla uniwersytet uczelnia fundacja stowarzyszenie patron
        patrona patronem kawiarnia bar pub apteka cukiernia piekarnia salon zakład marka marki rezerwat rezerwatu
        wzgórze góra ławeczka grób grobu cmentarz kopiec fontanna posąg rzeźba
        """
    )
)
RANKS = frozenset(
    polish.WORD.findall(
        """
        ks ksiądz księdza gen generał generała płk pułkownika mjr majora kpt kapitana por marsz marszałka króla
        królowej prezydenta hetmana kard kardynała bp abp biskupa arcybiskupa prymasa papieża księcia rotmistrza ojca
        """
    )
)
NEAR = frozenset(
    polish.WORD.findall(
        """
        przy na od do koło obok wzdłuż naprzeciwko róg rogu w z i a ulicami skrzyżowaniu vis pomiędzy między za
        """
    )
)
NOT_NAMES = frozenset(
    polish.WORD.findall(
        """
        pan pani państwo prezydent burmistrz wójt dyrektor kierownik urząd miasto gmina polska policja straż marka
        mama tata bóg boże wiosna lato jesień zima maj marzec rynek stadion park nowy nowa stary stara biały czarny
        zielony dobry moje nasz nasza proszę dziękuję dzień witam szanowni szanowna szanowny cześć mieszkaniec
        mieszkanka mieszkańcy kierowca lokator sąsiad sąsiadka osiedle blok droga chodnik dom drzewo kot pies koń lis
        sowa wilk róża
        """
    )
)
_LOWER_SAFE = frozenset(
    polish.WORD.findall(
        """
        nowak nowaka nowakowi nowakiem nowakowa wójcik wójcika wójcikiem mazur mazura kaczmarek
        """
    )
)
_SPELLINGS = 120
_SIGNED = re.compile(
    r"(?i)(?:pozdrawia\w*|poważaniem|szacunkiem|szacunku|dziękuj[ęe]|podpisan\w*|z góry dziękuj\w+)[ ,.!–-]*\n*\s*$"
)
_INTRODUCED = re.compile(
    r"(?i)\b(?:nazywam się|nazywa się|mam na imię|ma na imię|nazwiskiem|na nazwisko|podpisan[oay]|"
    r"zgłasza(?:jąc[ay])?:|jestem)\s*:?\s*$"
)
_SURNAME_ENDING = re.compile(r"(?:sk|ck|dzk|zk)(?:i|a|iego|iej|iemu|im|ą|ich|imi|ie)$")
_ADJECTIVE_PLACE = re.compile(r"(?:sk|ck|dzk)(?:iej|ą|iego|im)$")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the dictionary says of one word: whether it can be a given name, a surname, a place, and something common."""

    given: bool = False
    surname: bool = False
    place: bool = False
    common: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text. ``big`` begins with a capital; ``bare`` is lower case without the final dot."""

    start: int
    end: int
    text: str
    bare: str
    big: bool
    initial: bool
    first: bool
    reading: Reading = field(default=Reading())


def find_names(text: str, known_words: frozenset[str], known_phrases: frozenset[str]) -> Iterator[tuple[int, int]]:
    """``(start, end)`` of each person's name. ``known_*`` are the folded names of the city's own streets and places."""
    words = _words(text)
    index = 0
    while index < len(words):
        end = _name_at(text, words, index, known_words, known_phrases)
        if end > index:
            yield words[index].start, words[end - 1].end
            index = end
        else:
            index += 1


def _words(text: str) -> list[Word]:
    found, previous_end = [], 0
    for match in _TOKEN.finditer(text):
        raw = match.group()
        short = raw.endswith(".") and len(raw) == 2 and raw[0].isupper()
        body = raw if short else raw.rstrip(".")
        end = match.start() + len(body)
        between = text[previous_end : match.start()]
        first = not found or bool(re.search(r"[.!?:\n…]|^[\s–-]*$", between.replace(" ", "") or "x"))
        big = body[0].isupper()
        bare = body.rstrip(".").casefold()
        reading = (
            _reading(bare) if big or bare in _LOWER_SAFE or _SURNAME_ENDING.search(bare) or _could_be_given(bare) else Reading()
        )
        found.append(Word(match.start(), end, body, bare, big, short, first, reading))
        previous_end = end
    return found


def _could_be_given(bare: str) -> bool:
    return 3 <= len(bare) <= 14 and _reading(bare).given


def _name_at(text: str, words: list[Word], index: int, known: frozenset[str], phrases: frozenset[str]) -> int:
    """The end (exclusive) of a name that begins at ``index``; ``index`` where none does."""
    word = words[index]
    before = words[index - 1] if index and _touch(text, words[index - 1], word) else None
    titled = before is not None and before.bare in TITLES and before.bare not in PLACES
    end = _chain(text, words, index, titled)
    if end == index or _is_place(text, words, index, end, titled, known, phrases):
        return index
    return end if _is_person(text, words, index, end, titled) else index


def _touch(text: str, left: Word, right: Word) -> bool:
    return (
        bool(re.fullmatch(r"\.?[ \u00a0]{1,2}|\.? ?\n? ?", text[left.end : right.start]))
        and "\n" not in text[left.end : right.start]
    )


def _chain(text: str, words: list[Word], index: int, titled: bool) -> int:
    """The words from ``index`` that may together be one name: given names, initials, a surname."""
    end = index
    while end < len(words) and end - index < 4:
        word = words[end]
        if end > index and not _linked(text, words[end - 1], word):
            break
        fits = _may_be_name(word, index == end, titled) or (end > index and _follows_given(words[end - 1], word))
        if not fits and not (end == index and _begins_small(text, words, index)):
            break
        end += 1
    return end


def _begins_small(text: str, words: list[Word], index: int) -> bool:
    """A given name in small letters with a surname of the usual shape after it ("jan kowalski")."""
    if words[index].big or not words[index].reading.given or index + 1 >= len(words):
        return False
    after = words[index + 1]
    plain = not after.big and after.reading.surname and bool(_SURNAME_ENDING.search(after.bare))
    return plain and _linked(text, words[index], after)


def _linked(text: str, left: Word, right: Word) -> bool:
    gap = text[left.end : right.start]
    return gap in (" ", "  ", "\u00a0") or (left.initial and gap == "")


def _may_be_name(word: Word, first: bool, titled: bool) -> bool:
    reading = word.reading
    if word.initial:
        return word.bare not in {"m", "g", "s"} or not first
    if word.bare in NOT_NAMES and not (titled and word.big and reading.surname):
        return False
    if word.big:
        named = reading.given or reading.surname
        return (named or (reading.unknown and len(word.bare) > 2)) and word.bare not in TITLES and word.bare not in PLACES
    if word.bare in _LOWER_SAFE or (reading.given and not reading.common):
        return True
    return titled and reading.surname and bool(_SURNAME_ENDING.search(word.bare))


def _follows_given(left: Word, word: Word) -> bool:
    """A surname in small letters after a given name ("jan kowalski"), or any capitalised word after one."""
    if not left.reading.given:
        return False
    if word.big:
        fits = word.reading.surname or not word.reading.common
        return fits and word.bare not in TITLES and word.bare not in PLACES
    return word.reading.surname and bool(_SURNAME_ENDING.search(word.bare))


def _is_place(
    text: str, words: list[Word], index: int, end: int, titled: bool, known: frozenset[str], phrases: frozenset[str]
) -> bool:
    """Whether the chain names a street, a patron or an institution."""
    at = index - 1
    while at >= 0 and _touch(text, words[at], words[at + 1]) and words[at].bare in RANKS:
        at -= 1
    near = words[at].bare if at >= 0 and _touch(text, words[at], words[at + 1]) else ""
    if near in PLACES and near not in TITLES:
        return True
    if at >= 1 and words[at - 1].bare in {"im", "imienia", "ulica", "ul", "ulicy", "rondo", "aleja", "pomnik"}:
        return True
    if titled:
        return False
    chain = [polish.fold(word.text) for word in words[index:end]]
    if " ".join(chain) in phrases or (len(chain) > 1 and any(" ".join(chain[n:]) in phrases for n in range(len(chain) - 1))):
        return True
    followed_by_number = re.match(r" ?\d", text[words[end - 1].end : words[end - 1].end + 3]) is not None
    genitive = chain[-1].endswith(("a", "ego", "ej", "ow", "y", "i", "ich"))
    if followed_by_number and (genitive or near in NEAR):
        return True
    return len(chain) == 1 and (chain[0] in known or (near in NEAR and _looks_like_street(words[index])))


def _looks_like_street(word: Word) -> bool:
    return bool(_ADJECTIVE_PLACE.search(word.bare)) or (word.bare.endswith("a") and word.reading.surname)


def _is_person(text: str, words: list[Word], index: int, end: int, titled: bool) -> bool:
    chain = words[index:end]
    before = text[max(0, chain[0].start - 40) : chain[0].start]
    given = [word for word in chain if word.reading.given]
    if titled:
        return _titled_person(chain)
    if len(chain) > 1:
        return _several(chain, given)
    named_thing = index > 0 and words[index - 1].big and text[words[index - 1].end : chain[0].start] == " "
    return _single(text, chain[0], before, named_thing)


def _titled_person(chain: list[Word]) -> bool:
    word = chain[0]
    if word.initial:
        return True
    if not word.big:
        return True
    return word.reading.given or word.reading.surname or (word.reading.unknown and not word.text.isupper())


def _several(chain: list[Word], given: list[Word]) -> bool:
    initials = [word for word in chain if word.initial]
    surnames = [word for word in chain if word.reading.surname and not word.initial]
    if initials:
        return bool(surnames or given) and len(initials) < len(chain)
    if not given or len(chain) < 2:
        return False
    if chain[0].first and chain[0].reading.common and not any(_is_only_name(word) for word in chain[1:]):
        return False
    rest = [word for word in chain if word is not given[0]]
    return any(word.reading.surname or word.reading.unknown or word.reading.given for word in rest)


def _single(text: str, word: Word, before: str, named_thing: bool) -> bool:
    """Whether one word by itself is somebody: a signature, an introduction, or a word that is a surname and little else.

    ``named_thing``: the word before is capitalised too ("Straż Miejska"), so this one is more likely a part of its name."""
    if word.initial or not word.big or word.text.isupper():
        return False
    reading = word.reading
    if _SIGNED.search(before) and (reading.given or reading.surname) and text[word.end :].strip(" .!,\n") == "":
        return True
    if (
        _INTRODUCED.search(before)
        and (reading.given or reading.surname)
        and not (reading.common and "jestem" in before.lower())
    ):
        return True
    if named_thing or (reading.given and not reading.surname):
        return False
    adjective_surname = reading.surname and bool(_SURNAME_ENDING.search(word.bare)) and not word.bare.endswith("ie")
    return (_is_only_name(word) and not reading.given) or adjective_surname


def _is_only_name(word: Word) -> bool:
    reading = word.reading
    return (reading.given or reading.surname) and not reading.common and not reading.place


@lru_cache(maxsize=20_000)
def _reading(bare: str) -> Reading:
    """The dictionary's view of one word in lower case; a double name is what its last part is."""
    parts = bare.split("-")
    found = _analysed(parts[-1])
    if len(parts) > 1:
        others = [_analysed(part) for part in parts[:-1]]
        if not all(other.surname or other.given or other.unknown for other in others):
            return Reading(common=True)
        return Reading(
            given=found.given and others[0].given,
            surname=(found.surname or found.unknown) and any(one.surname or found.surname for one in others),
        )
    return found


def _analysed(bare: str) -> Reading:
    with polish._LOCK:
        rows = polish._analyser().analyse(bare)
    whole = max((end for _start, end, _row in rows), default=0)
    readings = [row for start, end, row in rows if start == 0 and end == whole]
    if not readings or all(row[2] == "ign" for row in readings):
        return _without_marks(bare)
    return Reading(
        given=any("imię" in row[3] for row in readings),
        surname=any("nazwisko" in row[3] for row in readings),
        place=any(any("geograf" in label for label in row[3]) and "nazwisko" not in row[3] for row in readings),
        common=any(_is_common(row) for row in readings),
    )


def _without_marks(bare: str) -> Reading:
    """A word typed without Polish letters: the first spelling with them that is a name ("Wisniewski", "Lukasz")."""
    for spelling in islice(polish._spellings(bare), _SPELLINGS):
        with polish._LOCK:
            labels = {label for _start, _end, row in polish._analyser().analyse(spelling) for label in row[3]}
        if labels & {"imię", "nazwisko"}:
            return Reading(given="imię" in labels, surname="nazwisko" in labels)
    return Reading(unknown=True)


def _is_common(row: tuple) -> bool:
    """A reading that is no name: a common noun in use, a verb, an adjective that is no surname by its shape."""
    if {"imię", "nazwisko"} & set(row[3]) or any("geograf" in label for label in row[3]):
        return False
    return "daw." not in "".join(row[4]) and not (row[2].startswith("adj") and _SURNAME_ENDING.search(row[0].casefold()))

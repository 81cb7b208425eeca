"""Personal data that are numbers or addresses by shape: what a checksum or a pattern can tell.

Each ``find_*`` yields ``(start, end)`` of a text. Checksums: PESEL (the act on registration of the population, art. 15), NIP
(the act on the registration of taxpayers), identity card and passport (ICAO 9303 weights with the Polish letters), IBAN
(ISO 13616, modulo 97).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from miasto.kernel.core import polish
from miasto.kernel.core.personal import plates

Found = Iterator[tuple[int, int]]

_MONTHS = "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia".replace(" ", "|")
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}(?:@|\s?[(\[](?:at|małpa|malpa)[)\]]\s?|\s(?:małpa|malpa)\s)[\w-]+(?:(?:\.|\s?\(?kropka\)?\s?)[\w-]+)+"
)
_PROFILE = re.compile(
    r"(?i)(?<![\w@.])(?:https?://)?(?:www\.|m\.|pl-pl\.)?"
    r"(?:facebook|fb|instagram|tiktok|twitter|x|linkedin|vk|snapchat|t|wa|threads|goldenline|nk)\.(?:com|me|pl|net)/[\w@.?=&%/+~-]{2,}[\w/]"
)
_PESEL = re.compile(r"(?<![\d-])\d{11}(?![\d-])")
_PESEL_SAID = re.compile(r"(?i)pesel\w{0,2}\b\W{0,4}(?:nr\W{0,3})?(\d[\d -]{9,14}\d)")
_NIP_SHAPED = re.compile(r"(?<![\d-])\d{3}-(?:\d{3}-\d{2}-\d{2}|\d{2}-\d{2}-\d{3})(?![\d-])")
_NIP_SAID = re.compile(r"(?i)\bnip\w{0,2}\b\W{0,4}(?:PL)?(\d[\d -]{8,12}\d)")
_CARD = re.compile(r"(?<!\w)[A-Za-z]{3}[ -]?\d{6}(?!\w)|(?<!\w)[A-Z]{2}[ -]?\d{7}(?!\w)")
_CARD_SAID = re.compile(r"(?i)(?:dowod\w*|dowód|paszport\w*|legitymacj\w*|seri[aię])\b[^.!?\n]{0,25}$")
_ACCOUNT = re.compile(r"(?<![\w-])(?:PL[ -]?)?\d{2}(?:[ -]?\d{4}){6}(?![\w-])")
_LAND = re.compile(r"(?<!\w)[A-Z]{2}\d[A-Z]/\d{8}/\d(?!\w)")
_BIRTH = re.compile(
    r"(?i)\b(?:ur\.|urodzon\w+|urodził\w*|dat\w+ urodzenia|rocznik)\W{1,3}(?:się |dnia |w roku |roku |w )?"
    rf"((?:\d{{1,2}}[. /-]\d{{1,2}}[. /-])?(?:19|20)\d{{2}}(?:-\d\d-\d\d)?|\d{{1,2}} (?:{_MONTHS}) (?:19|20)\d{{2}})(?!\d)"
)

_PHONE_AREAS = frozenset(
    polish.WORD.findall(
        """
        12 13 14 15 16 17 18 22 23 24 25 29 32 33 34 41 42 43 44 46 48 52 54 55 56 58 59 61 62 63 65 67 68 71 74 75 76
        77 81 82 83 84 85 86 87 89 91 94 95 45 50 51 53 57 60 66 69 72 73 78 79 88 39
        """
    )
)
_S = r"[ \u00a0.\-/]"
_PHONE = re.compile(
    rf"(?<![\w+/])(?<!\d[.,-])(?:(?:\+|00)?\(?48\)?{_S}{{0,3}})?\(?(?:0{_S}?)?(?:"
    rf"\d{{9}}|\d{{3}}{_S}{{1,3}}\d{{3}}{_S}{{1,3}}\d{{3}}|\d{{3}}{_S}{{1,3}}\d{{6}}|"
    rf"\d{{2}}\)?{_S}{{0,3}}\d{{3}}{_S}{{1,2}}\d{{2}}{_S}{{1,2}}\d{{2}}|\d{{2}}\)?{_S}{{0,3}}\d{{2}}{_S}{{1,2}}\d{{2}}{_S}{{1,2}}\d{{3}}|"
    rf"\d{{2}}\)?{_S}{{1,3}}\d{{7}}|\d{{2}}\)?{_S}{{1,3}}\d{{3}}{_S}{{1,2}}\d{{4}}|\d{{2}}\)\d{{7}}|"
    rf"\d{{3}}{_S}{{1,2}}\d{{2}}{_S}{{1,2}}\d{{2}}{_S}{{1,2}}\d{{2}})"
    r"(?![\w/]|[.,-]\d|\s?(?:zł|PLN|EUR|tys|mln|m2|m²|km|osób|sztuk))"
)
_PHONE_ABROAD = re.compile(rf"(?<![\w+])\+(?!48)\d{{1,3}}(?:{_S}?\(?\d\)?){{7,12}}(?!\d)")
_PHONE_SAID = re.compile(
    rf"(?i)\b(?:tel|telefon\w*|kom|komórk\w*|dzwoni\w*|zadzwo\w*|sms\w*|whatsapp\w*|numerem|fon)\b\W{{0,3}}(?:[\w:]+ ){{0,4}}?"
    rf"((?:\+?48{_S}?)?\d(?:{_S}?\d){{8}}|\d{{3}}{_S}\d{{2}}{_S}\d{{2}}|\d{{2}}{_S}\d{{2}}{_S}\d{{3}}|\d{{7}})(?!\w|[.,-]\d)"
)
_FLAT = re.compile(
    r"(?i)(?:(?<=\d)|(?<=\d[a-z]))(?:,? (m(?:\. ?| )\d{1,4}[a-z]?)(?!\w)|,? ?((?:mieszk|lok)\.? ?\d{1,4}[a-z]?)(?!\w))|"
    r"(?<!\w)((?:mieszkani\w{1,3}|lokal\w{0,3}|lok\.|mieszk\.|m\.) ?(?:nr\.? ?|numer\w? ?)?\d{1,4}[a-z]?)"
    r"(?!\w|[.,]\d|/\d)(?! ?(?:m|metr|lat|proc|%|zł|mieszk|osób|piętr))"
)
_FLAT_SLASH = re.compile(r"(?<=[\w.] )\d{1,3}[A-Za-z]? ?/ ?(\d{1,3}[A-Za-z]?)(?![\w/]|[.,]\d)")
_STREET_BEFORE = re.compile(
    r"(?:^|[\s(„])(?:(?:ul|al|os|pl)\. ?)?(?:[A-ZĄĆĘŁŃÓŚŹŻ][\w-]{2,}|(?:ul|al|os|pl)\. ?[^\d\n]{2,30}) $"
)
_NO_STREET_BEFORE = re.compile(r"(?i)(?:dział\w*|nr|numer\w*|lini\w*|str\.?|art\.?|pkt|klas\w*|godz\w*|dni\w*) $")
_HOME = re.compile(
    r"(?i)\b(?:mieszka\w*|sąsiad\w*|sąsied\w*|zamieszka\w*)\b"
    r"[^.!?\n]{0,40}?\bs?pod (?:numer\w* |nr\.? ?)?(\d{1,4}[a-z]?(?:/\d+)?)(?!\w|[.,]\d)"
)


def find_emails(text: str) -> Found:
    """Addresses of e-mail, also those written to hide from robots ("jan (at) poczta.pl", "jan małpa poczta.pl")."""
    for match in _EMAIL.finditer(text):
        yield match.span()


def find_profiles(text: str) -> Found:
    """Addresses of people's pages in social media."""
    return (match.span() for match in _PROFILE.finditer(text))


def find_pesels(text: str) -> Found:
    """Eleven digits with a date and a checksum, or whatever is called PESEL."""
    for match in _PESEL.finditer(text):
        if is_pesel(match.group()):
            yield match.span()
    yield from (match.span(1) for match in _PESEL_SAID.finditer(text) if len(digits(match.group(1))) == 11)


def is_pesel(number: str) -> bool:
    """Whether eleven digits make a PESEL: the checksum and a real date."""
    if len(number) != 11 or not _weighted(number[:10], (1, 3, 7, 9, 1, 3, 7, 9, 1, 3), 10, number[10], complement=True):
        return False
    year, month, day = int(number[:2]), int(number[2:4]), int(number[4:6])
    century = {0: 1900, 1: 2000, 2: 2100, 3: 2200, 4: 1800}[month // 20]
    try:
        date(century + year, month % 20, day)
    except ValueError:
        return False
    return True


def find_nips(text: str) -> Found:
    """NIP with its dashes and checksum, or whatever is called NIP."""
    yield from (match.span() for match in _NIP_SHAPED.finditer(text) if is_nip(digits(match.group())))
    yield from (match.span(1) for match in _NIP_SAID.finditer(text) if len(digits(match.group(1))) == 10)


def is_nip(number: str) -> bool:
    """Whether ten digits make a NIP."""
    return len(number) == 10 and _weighted(number[:9], (6, 5, 7, 2, 3, 4, 5, 6, 7), 11, number[9])


def find_cards(text: str) -> Found:
    """Identity cards and passports by checksum, or by a word before them."""
    for match in _CARD.finditer(text):
        if is_card(match.group().replace(" ", "").replace("-", "").upper()) or _CARD_SAID.search(text, 0, match.start()):
            yield match.span()


def is_card(number: str) -> bool:
    """Whether letters and digits make an identity card (3 + 6) or a passport (2 + 7)."""
    weights = {3: (7, 3, 1, 9, 7, 3, 1, 7, 3), 2: (7, 3, 9, 1, 7, 3, 1, 7, 3)}
    letters = sum(sign.isalpha() for sign in number)
    if letters not in weights or len(number) != 9:
        return False
    values = [ord(sign) - 55 if sign.isalpha() else int(sign) for sign in number]
    return sum(value * weight for value, weight in zip(values, weights[letters], strict=True)) % 10 == 0


def find_accounts(text: str) -> Found:
    """Polish account numbers. One whose checksum is wrong is taken too: a slip of a finger hides nobody."""
    return (match.span() for match in _ACCOUNT.finditer(text))


def find_land_registers(text: str) -> Found:
    """Numbers of land and mortgage registers: they lead to the owner's name and PESEL."""
    return (match.span() for match in _LAND.finditer(text))


def find_births(text: str) -> Found:
    """Dates and years of birth that are called so."""
    return (match.span(1) for match in _BIRTH.finditer(text))


def find_phones(text: str) -> Found:
    """Nine digits as Poles write them, foreign numbers with a plus, and whatever is called a telephone."""
    for match in _PHONE.finditer(text):
        number = local_number(match.group())
        if len(number) == 9 and number[:2] in _PHONE_AREAS:
            start, end = match.span()
            yield start + (text[start] == "(" and ")" not in match.group()), end
    yield from (match.span() for match in _PHONE_ABROAD.finditer(text))
    yield from (match.span(1) for match in _PHONE_SAID.finditer(text))


def local_number(text: str) -> str:
    """The digits of a Polish number without the country and the old trunk zero."""
    number = digits(text)
    for lead in ("0048", "48", "0"):
        if number.startswith(lead) and len(number) == 9 + len(lead):
            return number[len(lead) :]
    return number


def find_plates(text: str) -> Found:
    """Number plates: listed letters with a possible rest, others and small letters only where cars are spoken of."""
    for match in plates.PLATE.finditer(text):
        if plates.is_listed(match.group(1)) or _near_car(text, match.start()):
            yield match.span()
    upper = text.upper() if len(text.upper()) == len(text) else text
    for pattern in (plates.PLATE, plates.PLATE_SPLIT, plates.PLATE_CHOSEN):
        for match in pattern.finditer(upper):
            known = plates.is_listed(match.group(1)) or pattern is plates.PLATE_CHOSEN
            joined = pattern is plates.PLATE and text[match.start() : match.end()].isalnum() and match.group(2)[:2].isdigit()
            if known and (_near_car(text, match.start()) or (joined and len(match.group()) >= 7)):
                yield match.span()


def _near_car(text: str, start: int) -> bool:
    return plates.CONTEXT.search(text, max(0, start - 60), start) is not None


def find_flats(text: str) -> Found:
    """The flat of an address, not its house: "ul. Jasna 5 **m. 12**"; and where somebody says under what number they live."""
    for match in _FLAT.finditer(text):
        yield match.span(match.lastindex or 0)
    for match in _FLAT_SLASH.finditer(text):
        before = text[max(0, match.start() - 45) : match.start()]
        if _STREET_BEFORE.search(before) and not _NO_STREET_BEFORE.search(before):
            yield match.span(1)
    yield from (match.span(1) for match in _HOME.finditer(text))


def digits(text: str) -> str:
    """Only the digits."""
    return "".join(sign for sign in text if sign.isdigit())


def _weighted(body: str, weights: Iterable[int], modulus: int, check: str, *, complement: bool = False) -> bool:
    total = sum(int(sign) * weight for sign, weight in zip(body, weights, strict=True)) % modulus
    return str((10 - total) % 10 if complement else total) == check

"""Personal data in Polish text: the measured corpus, the checksums, and properties of every finding and mask."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.core.personal import KINDS, LABELS, find, known, mask
from miasto.kernel.core.personal.numbers import digits, is_card, is_nip, is_pesel
from miasto.kernel.core.tests.corpus import CITY, HELD_OUT, measure, sentences

FLOORS = dict.fromkeys(KINDS, (0.95, 0.95)) | {"name": (0.95, 0.95)}
HELD_OUT_FLOORS = dict.fromkeys(KINDS, (0.9, 0.9)) | {"name": (0.9, 0.7)}
POLISH = st.text(st.sampled_from("aąbcćdeęfghijklłmnńoóprsśtuwyzźż ABCJKNTW0123456789.,-–/@+()\n"), max_size=200)


def test_the_corpus_is_large_enough_to_measure_by():
    """200 sentences and more, of which many hold nothing personal."""
    found = sentences()
    assert len(found) >= 200
    assert sum(not sentence.labels for sentence in found) >= 80


@pytest.mark.parametrize(("file", "floors"), [(None, FLOORS), (HELD_OUT, HELD_OUT_FLOORS)])
def test_precision_and_recall_of_each_kind_stay_above_their_floors(file, floors):
    """On the corpus, and on sentences that were not used to make the rules."""
    scores, errors = measure(file) if file else measure()
    low = {
        kind: (round(one.precision, 2), round(one.recall, 2))
        for kind, one in scores.items()
        if one.right + one.missed and (one.precision < floors[kind][0] or one.recall < floors[kind][1])
    }
    assert not low, "\n".join([str(low), *errors])


def test_masked_text_keeps_everything_else():
    """The words around stay as they were, letter by letter."""
    text = "Proszę dzwonić: Anna Kowalska, 601 234 567, ul. Jasna 5 m. 12."
    assert mask(text) == f"Proszę dzwonić: {LABELS['name']}, {LABELS['phone']}, ul. Jasna 5 {LABELS['flat']}."


def test_telephones_and_addresses_of_the_city_are_nobodys():
    """In any spelling."""
    ours = known(contacts=["41 367 60 00", "kontakt@urzad.example"])
    text = "Dzwoń: +48 41 36 76 000, pisz: Kontakt@urzad.example"
    assert find(text, ours) == []
    assert {span.kind for span in find(text)} == {"phone", "email"}


def test_a_street_named_after_somebody_is_no_person_but_its_namesake_with_a_title_is():
    """The city's own names are passed in as data."""
    ours = known(names=["Jana Kochanowskiego"])
    assert find("Jana Kochanowskiego jest dziurawa", ours) == []
    assert [span.kind for span in find("Psa pana Kochanowskiego widziano w parku", ours)] == ["name"]


@given(POLISH)
def test_findings_are_in_order_apart_and_inside_the_text(text):
    """Whatever the text."""
    spans = find(text, CITY)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@given(POLISH)
def test_nothing_that_was_found_is_left_after_masking(text):
    """A label is not personal data itself, and what stood there is gone."""
    spans = find(text, CITY)
    masked = mask(text, CITY, spans)
    expected = len(text) - sum(span.end - span.start for span in spans) + sum(len(span.label) for span in spans)
    assert len(masked) == expected
    assert not any(find(span.label, CITY) for span in spans)


@given(
    st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31)),
    st.integers(0, 9999),
)
def test_every_right_pesel_is_found_and_a_wrong_digit_makes_it_wrong(day, serial):
    """The checksum of the act on registration of the population."""
    month = day.month + (20 if day.year >= 2000 else 0)
    body = f"{day.year % 100:02}{month:02}{day.day:02}{serial:04}"
    right = next(body + str(check) for check in range(10) if is_pesel(body + str(check)))
    assert [span.kind for span in find(f"mój numer {right}, dziękuję")] == ["pesel"]
    assert sum(is_pesel(body + str(check)) for check in range(10)) == 1


@given(
    st.from_regex(r"(50|51|60|66|69|72|78|79|88|53|57)[0-9]{7}", fullmatch=True),
    st.sampled_from(
        ["{0}{1}{2}", "{0} {1} {2}", "{0}-{1}-{2}", "+48 {0} {1} {2}", "+48{0}{1}{2}", "0048 {0}-{1}-{2}", "{0}.{1}.{2}"]
    ),
)
def test_every_mobile_number_is_found_however_it_is_written(number, shape):
    """And none of its digits survives."""
    text = "Proszę dzwonić " + shape.format(number[:3], number[3:6], number[6:]) + ", dziękuję"
    assert digits(mask(text)) == ""


@given(
    st.sampled_from(["TK", "KR", "WPI", "SBE", "GDA"]),
    st.from_regex(r"[0-9]{5}|[0-9]{4}[A-Z]|[0-9]{3}[A-Z]{2}", fullmatch=True),
    st.sampled_from(["", " ", "-"]),
)
def test_every_usual_plate_is_found(letters, rest, gap):
    """Joined, spaced or with a dash."""
    text = f"Stoi tu {letters}{gap}{rest} od rana"
    assert mask(text) == f"Stoi tu {LABELS['plate']} od rana"


def test_checksums_know_right_from_wrong():
    """Numbers made for the test."""
    assert [is_pesel(one) for one in ("44051401359", "44051401358", "99999999999")] == [True, False, False]
    assert [is_nip(one) for one in ("8111658563", "8111658564")] == [True, False]
    assert [is_card(one) for one in ("ABA300000", "ABA300001", "AB12")] == [True, False, False]


def test_the_dictionary_is_loaded_only_when_a_text_is_read():
    """Start-up stays fast."""
    code = "import sys, miasto.kernel.core.personal; sys.exit('morfeusz2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

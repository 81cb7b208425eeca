"""The reader: what the standard allows is read, everything else is refused with the place and the reason."""

import pytest

from miasto.kernel.participation.counting import pabulib
from miasto.kernel.participation.counting.pabulib import FileError

from .shared import pb

GOOD = pb([("1", 10), ("2", 20)], ["1", "1,2", ""]).decode()


def fails(text, line, column, words):
    with pytest.raises(FileError) as caught:
        pabulib.parse(text.encode(), file="x.pb")
    assert (caught.value.line, caught.value.column) == (line, column), str(caught.value)
    assert words in str(caught.value)
    assert str(caught.value).startswith("x.pb, wiersz" if line else "x.pb")


def test_a_file_is_read_with_spaces_a_byte_order_mark_windows_line_ends_and_empty_lines():
    text = GOOD.replace(";", " ; ").replace("1,2", "1, 2").replace("PROJECTS", "\nprojects").replace("\n", "\r\n")
    election = pabulib.parse(b"\xef\xbb\xbf" + text.encode() + b"\r\n\r\n")
    assert [project.id for project in election.projects] == ["1", "2"]
    assert election.votes == [2, 1]
    assert election.ballots == 3
    assert election.meta["vote_type"] == "approval"


def test_quoted_names_with_semicolons_and_line_breaks_are_read():
    text = GOOD.replace("cost;category\n1;10;a", 'cost;name\n1;10;"Park; ""Zielony""\nnad rzeką"')
    election = pabulib.parse(text.encode())
    assert election.projects[0].name == 'Park; "Zielony"\nnad rzeką'
    fails(text.replace("v2;", "v2;9"), 17, 4, "projekt „9”")


def test_money_with_groszy_and_a_decimal_comma_stays_exact():
    election = pabulib.parse(pb([("1", "10.10"), ("2", "0,205")], ["1"], budget="100.5"))
    assert [project.cost for project in election.projects] == [10100, 205]
    assert (election.budget, election.scale) == (100500, 1000)


def test_fractions_of_points_stay_exact():
    election = pabulib.parse(pb([("1", 1), ("2", 2)], [("1,2", "0.1,0.2"), ("1", "0.7")], vote_type="cumulative", points=True))
    assert election.scores == [8, 2]
    assert election.points_scale == 10


def test_places_without_points_are_counted_as_borda_from_the_longest_ballot():
    votes = ["1,2,3", "2"]
    assert pabulib.parse(pb([("1", 1), ("2", 2), ("3", 1)], votes, vote_type="ordinal")).scores == [3, 5, 1]
    assert pabulib.parse(pb([("1", 1), ("2", 2), ("3", 1)], ["1,2", "2"], vote_type="ordinal", max_length=2)).scores == [
        2,
        3,
        0,
    ]
    with pytest.raises(FileError, match="Nauru"):
        pabulib.parse(pb([("1", 1)], ["1"], vote_type="ordinal", scoring_fn="Nauru"))


def test_the_default_score_is_given_to_every_project_not_named():
    election = pabulib.parse(
        pb([("1", 1), ("2", 2)], [("1", "5"), ("", "")], vote_type="scoring", points=True, default_score=-1)
    )
    assert election.scores == [4, -2]


def test_ballots_beyond_the_files_own_limits_are_told_and_counted():
    election = pabulib.parse(pb([("1", 10), ("2", 20)], ["1,2", "1"], max_length=1, max_sum_cost=15))
    assert len(election.warnings) == 2
    assert election.votes == [2, 1]


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "words"),
    [
        ("v1;1,2", "v1;1,7", 15, 6, "„7”"),
        ("v1;1,2", "v1;1,,2", 15, 6, "pusty numer"),
        ("v1;1,2", "v1;2,2", 15, 4, "dwa razy"),
        ("v1;1,2", "v1;1;2", 15, 4, "pól: 3"),
        ("v1;1,2\n", "", 4, 11, "„num_votes” mówi 3"),
        ("num_projects;2", "num_projects;3", 3, 14, "„num_projects”"),
        ("2;20;b", "1;20;b", 11, 1, "po raz drugi"),
        ("2;20;b", "2;dużo;b", 11, 3, "koszt „dużo”"),
        ("2;20;b", "2;-1;b", 11, 3, "ujemny"),
        ("budget;100", "budget;sto", 5, 8, "„sto”"),
        ("budget;100\n", "", 0, 0, "„budget”"),
        ("vote_type;approval", "vote_type;okrzyki", 6, 11, "„okrzyki”"),
        ("project_id;cost", "project_id;cena", 9, 1, "brakuje kolumny „cost”"),
        ("META\n", "", 1, 1, "META"),
        ("VOTES\n", "", 16, 0, "brakuje części VOTES"),
        ("v1;1,2", 'v1;"1,2', 15, 1, "cudzysłów"),
        ("vote_type;approval", "vote_type;cumulative", 13, 1, "„points”"),
        ("rule;greedy", "budget;5", 7, 1, "po raz drugi"),
    ],
)
def test_what_is_wrong_is_refused_with_line_and_column(old, new, line, column, words):
    assert old in GOOD
    fails(GOOD.replace(old, new, 1), line, column, words)


def test_bytes_that_are_no_utf8_are_refused_with_their_place():
    with pytest.raises(FileError, match="UTF-8") as caught:
        pabulib.parse("META\nkey;żółć".encode("iso-8859-2"), file="x.pb")
    assert (caught.value.line, caught.value.column) == (2, 5)


@pytest.mark.parametrize(("points", "words"), [("1", "projektów w głosie jest 2"), ("1,x", "„x”"), ("1,-1", "ujemne")])
def test_points_that_do_not_fit_the_ballot_are_refused(points, words):
    with pytest.raises(FileError, match=words) as caught:
        pabulib.parse(pb([("1", 1), ("2", 2)], [("1,2", points)], vote_type="cumulative", points=True))
    assert caught.value.line == 14

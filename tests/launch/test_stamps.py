"""A step is skipped only when everything that it read is as it was."""

from __future__ import annotations

from miasto.launch.stamps import Stamp, content_hash, files_in


def test_a_change_of_content_name_or_word_changes_the_hash(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("a")
    before = content_hash(tmp_path, [one], "word")
    assert content_hash(tmp_path, [one], "word") == before
    assert content_hash(tmp_path, [one], "another word") != before
    assert content_hash(tmp_path, [one, two], "word") != before
    one.write_text("b")
    assert content_hash(tmp_path, [one], "word") != before
    one.rename(two)
    assert content_hash(tmp_path, [two], "word") != before


def test_content_that_moves_from_one_file_to_the_next_changes_the_hash(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("ab")
    two.write_text("c")
    before = content_hash(tmp_path, [one, two])
    one.write_text("a")
    two.write_text("bc")
    assert content_hash(tmp_path, [one, two]) != before


def test_the_same_content_in_another_folder_has_the_same_hash(tmp_path):
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("a")
    here, there = (content_hash(tmp_path / name, [tmp_path / name / "file"]) for name in ("here", "there"))
    assert here == there


def test_caches_and_tests_are_no_inputs(tmp_path):
    for name in ("__pycache__/x.pyc", "tests/test_x.py", "node_modules/x.js", "x.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert files_in(tmp_path) == [tmp_path / "x.py"]


def test_a_stamp_is_fresh_only_for_the_value_it_was_written_with(tmp_path):
    path = tmp_path / "stamps" / "step"
    assert not Stamp(path, "1").fresh
    Stamp(path, "1").write()
    assert Stamp(path, "1").fresh
    assert not Stamp(path, "2").fresh
    Stamp(path, "1").remove()
    assert not Stamp(path, "1").fresh

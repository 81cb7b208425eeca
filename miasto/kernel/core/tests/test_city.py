"""Reading a city's profile."""

import pytest

from miasto.kernel.core.city import ProfileError, read_city

GOOD = """
name = "Mała"
name_genitive = "Małej"
name_locative = "Małej"
platform_name = "Mała"
timezone = "Europe/Warsaw"
srid = 2180
centre = [20.0, 51.0]
bbox = [19.9, 50.9, 20.1, 51.1]
zoom = 12
modules = ["a"]
[limits]
photos = 3
"""


def profile(tmp_path, text):
    (tmp_path / "city.toml").write_text(text, "utf-8")
    return tmp_path


def test_a_profile_is_read(tmp_path):
    city = read_city(profile(tmp_path, GOOD))
    assert (city.name, city.srid, city.centre) == ("Mała", 2180, (20.0, 51.0))
    assert city.limit("photos", 5) == 3
    assert city.limit("files", 7) == 7


def test_a_missing_field_is_named(tmp_path):
    with pytest.raises(ProfileError, match=r"city\.toml: the field 'srid' is missing"):
        read_city(profile(tmp_path, GOOD.replace("srid", "crs")))


def test_broken_toml_is_told_with_its_place(tmp_path):
    with pytest.raises(ProfileError, match=r"not valid TOML.*line 3"):
        read_city(profile(tmp_path, "\nname = 'a'\nname_genitive = = 'b'\n"))


def test_a_missing_profile_is_told(tmp_path):
    with pytest.raises(ProfileError, match="cannot be read"):
        read_city(tmp_path / "nowhere")


def test_a_module_that_no_folder_holds_is_refused(tmp_path):
    city = read_city(profile(tmp_path, GOOD))
    assert city.enabled_modules(["a", "b"]) == ["a"]
    with pytest.raises(ProfileError, match="no such module: a"):
        city.enabled_modules(["b"])

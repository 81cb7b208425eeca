"""The locks: complete, hashed, the same for the platform and for its tests, and naming no index."""

from __future__ import annotations

import re

import pytest

from .support import REPOSITORY

FOLDER = REPOSITORY / "requirements"


def pins(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Package -> (version, hashes) of one lock."""
    found = {}
    for block in re.split(r"\n(?=[a-z])", (FOLDER / name).read_text("utf-8")):
        if match := re.match(r"([a-z0-9-]+)==(\S+)", block):
            found[match[1]] = (match[2], frozenset(re.findall(r"--hash=(sha256:[0-9a-f]{64})", block)))
    return found


def wanted(name: str) -> dict[str, str]:
    """Package -> version of one input file."""
    lines = re.findall(r"^([A-Za-z0-9-]+)(?:\[[^]]+\])?==(\S+)", (FOLDER / name).read_text("utf-8"), re.M)
    return {package.lower(): version for package, version in lines}


@pytest.mark.parametrize("name", ["base", "dev", "spark"])
def test_every_wanted_package_is_locked_at_its_version_with_hashes(name):
    locked = pins(f"{name}.txt")
    assert wanted(f"{name}.in").items() <= {package: version for package, (version, _) in locked.items()}.items()
    assert all(hashes for _, hashes in locked.values())


def test_the_development_lock_holds_the_whole_lock_of_the_platform():
    assert pins("base.txt").items() <= pins("dev.txt").items()


@pytest.mark.parametrize(
    "name",
    [*(f"requirements/{name}.txt" for name in ("base", "dev", "dev-source", "spark")), "package-lock.json", ".npmrc"],
)
def test_no_lock_names_an_index_or_a_download_address(name):
    text = (REPOSITORY / name).read_text("utf-8")
    # Options in a lock begin a line; npm writes "resolved", and its settings file "registry".
    assert not re.search(r'^ *(--(?!hash)|"resolved"|registry|//)', text, re.M)

"""Fixtures of the tests that cross modules: the demo city as a template, and the platform running on a copy of it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests import demo_city
from tests.browser import axe
from tests.running_city import ROOT, RunningCity, cluster_of_tests, database


def pytest_sessionstart(session):
    """A whole run needs the demo city soon: it is loaded while the first tests run."""
    narrowed = hasattr(session.config, "workerinput") or session.config.args_source != session.config.ArgsSource.TESTPATHS
    if not narrowed:
        demo_city.begin()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Files of this folder, one by one between the files of the platform's own tests; those that need the demo city come last.

    They wait for processes that they start and kill, the others wait for nothing: so no core is idle, and nobody waits while
    the demo city is loaded.
    """
    here = Path(__file__).parent
    needing = {item.path for item in items if {"demo_template", "demo"} & set(item.fixturenames)}
    files = list(dict.fromkeys(item.path for item in items))
    own = [one for one in files if here not in one.parents]
    crossing = sorted((one for one in files if here in one.parents), key=needing.__contains__)
    place = {one: float(number) for number, one in enumerate(own)}
    place |= {one: number * len(own) / len(crossing) - 0.5 for number, one in enumerate(crossing)}
    items.sort(key=lambda item: place[item.path])


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory) -> Iterator[tuple[str, Path]]:
    """``(database with the demo city, folder of its files)``."""
    if (folder := demo_city.shared_folder()) is not None:
        yield demo_city.shared(folder), folder
        return
    folder = tmp_path_factory.mktemp("template")
    with demo_city.own(folder) as name:
        yield name, folder


@pytest.fixture(scope="session")
def assets(tmp_path_factory) -> Path:
    """The folder of static files as the web server serves them, and axe for the browser tests."""
    folder = tmp_path_factory.mktemp("static")
    built = ROOT / "var" / "assets"
    assert built.exists(), "the browser assets are not built; ./test builds them"
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(storage.path(path), folder / path)
    if axe.SCRIPT.exists():
        shutil.copyfile(axe.SCRIPT, folder / axe.SCRIPT.name)
    return folder


@contextmanager
def started(name: str, template: str, files: Path, folder: Path, assets: Path) -> Iterator[RunningCity]:
    """The platform running on a copy of the demo city: web server, worker, mailbox."""
    for kept in ("files", "archive"):
        if (files / kept).exists():
            shutil.copytree(files / kept, folder / kept)
    (folder / "static").symlink_to(assets)
    cluster = cluster_of_tests()
    with database(f"{name}_{os.getpid()}", cluster, template=template) as copy:
        city = RunningCity(copy, cluster, folder)
        try:
            city.start_web()
            city.start_worker()
            yield city
        finally:
            city.stop()


@pytest.fixture(scope="session")
def common_city(demo_template, assets, tmp_path_factory) -> Iterator[RunningCity]:
    """One running city for all files of this process that are marked ``common_city``."""
    with started("common", *demo_template, tmp_path_factory.mktemp("common"), assets) as city:
        yield city


@pytest.fixture(scope="module")
def running_city(request, demo_template, assets, tmp_path_factory) -> Iterator[RunningCity]:
    """The platform running on a copy of the demo city. One for each test file, unless it may share (``common_city``)."""
    if request.node.get_closest_marker("common_city"):
        yield request.getfixturevalue("common_city")
        return
    with started("city", *demo_template, tmp_path_factory.mktemp("city"), assets) as city:
        yield city

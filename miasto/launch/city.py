"""``./run``: one city on one machine, from nothing to an open address."""

from __future__ import annotations

import os
import shutil
import socket
import sys
import urllib.error
import urllib.request
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

from miasto.launch import broker, cluster, external, steps
from miasto.launch.clone import Clone, LaunchError
from miasto.launch.stamps import Stamp
from miasto.launch.supervise import Part, Stopped, Supervisor, say

_ACCOUNTS = "demo-accounts.txt"


def run(clone: Clone, options: Namespace) -> int:
    """Start the city and stay with it; the exit code. Raises ``LaunchError``."""
    url = os.environ.get("DATABASE_URL", "")
    if url and options.reset:
        raise LaunchError(
            "--reset usuwa tylko prywatną bazę tej kopii, a DATABASE_URL wskazuje inną. Niczego nie usunięto.\n"
            "Usuń zmienną DATABASE_URL albo wyczyść tamtą bazę samodzielnie."
        )
    if not options.set_up_only:
        _check_port(options.port)
    with clone.running(), Supervisor() as supervisor:
        started = False
        try:
            if options.reset:
                _reset(clone)
            _set_up_and_start(clone, options, supervisor, url)
            if options.set_up_only:
                say("\nPrzygotowanie zakończone.")
                return 0
            started = True
            supervisor.run()
        except Stopped:
            say("\nZatrzymuję platformę…")
            supervisor.stop()
            say("Zatrzymano.")
            return 0 if started else 130
    raise AssertionError("the supervisor returns only by an exception")


def _set_up_and_start(clone: Clone, options: Namespace, supervisor: Supervisor, url: str) -> None:
    with steps.shown(3, "Zasoby przeglądarki"):
        steps.assets(clone, supervisor)
    with steps.shown(4, "Tłumaczenia"):
        steps.translations(clone, supervisor)
    with steps.shown(5, "Baza danych"):
        private = None if url else cluster.place(clone.var / "pg", clone.key)
        if private:
            private.make()
            private.start(supervisor, clone.log("postgres")).again = True
            (clone.var / "database_url").write_text(private.url(), "utf-8")
        else:
            external.check(url)
    env = environment(clone, url or private.url(), options.port)  # type: ignore[union-attr]
    with steps.shown(6, "Struktura bazy i dane miasta"):
        accounts = _prepare(clone, options, supervisor, env, private)
    with steps.shown(7, "Pliki statyczne"):
        steps.static_files(clone, supervisor, env)
    if options.set_up_only:
        return
    with steps.shown(8, "Serwer WWW i zadania w tle"):
        start_services(clone, supervisor, env, options.port, devices=bool(accounts))
    say(f"\nPlatforma działa: {env['MIASTO_BASE_URL']}/")
    if accounts:
        say(f"\nKonta demonstracyjne (adres, hasło, kto to jest):\n{accounts}")
    say(f"\nWiadomości e-mail i SMS trafiają do katalogu {env['MIASTO_MAILBOX']}.\nCtrl-C zatrzymuje platformę.\n")


def environment(clone: Clone, url: str, port: int) -> dict[str, str]:
    """What the platform's processes find in their environment. What a person set there wins, except where the
    clone's own data and database are."""
    defaults = {
        "MIASTO_SECRET_KEY": clone.secret_key(),
        "MIASTO_BASE_URL": f"http://127.0.0.1:{port}",
        "MIASTO_MAILBOX": str(clone.var / "mailbox"),
    }
    return {**defaults, **os.environ, "DATABASE_URL": url, "MIASTO_VAR": str(clone.var)}


def _prepare(
    clone: Clone, options: Namespace, supervisor: Supervisor, env: Mapping[str, str], private: cluster.Cluster | None
) -> str:
    """Migrate and load the demo; for the private cluster only when something changed. The demo accounts as text."""
    demo = options.demo if private is None else not options.no_demo
    accounts = clone.var / _ACCOUNTS
    # Our own cluster changes only through us, so a stamp is enough; another database is asked each time.
    stamp = Stamp(clone.var / "prepared.stamp", f"{steps.source_hash(clone)} {demo} {_born(private)}") if private else None
    if stamp is None or not stamp.fresh:
        accounts.unlink(missing_ok=True)
        steps.manage(clone, supervisor, env, "Przygotowanie bazy", "prepare", *(["--demo"] if demo else []))
        if demo:
            _save_accounts(clone, supervisor, env, accounts)
        if stamp:
            stamp.write()
    return accounts.read_text("utf-8").rstrip() if demo and accounts.exists() else ""


def _born(private: cluster.Cluster) -> str:
    """What tells this cluster from one that was made anew: the moment its version file was written."""
    return str((private.data / "PG_VERSION").stat().st_mtime_ns)


def _save_accounts(clone: Clone, supervisor: Supervisor, env: Mapping[str, str], path: Path) -> None:
    lines: list[str] = []
    part = Part(
        "Konta demonstracyjne",
        [sys.executable, "-m", "miasto", "demo", "accounts"],
        env=env,
        cwd=clone.root,
        prefix="\0",
    )
    quiet, supervisor.say = supervisor.say, lines.append
    try:
        code = supervisor.step(part)
    finally:
        supervisor.say = quiet
    if code:
        raise LaunchError(part.describe_end())
    path.write_text("\n".join(line.removeprefix("\0") for line in lines) + "\n", "utf-8")


def start_services(clone: Clone, supervisor: Supervisor, env: Mapping[str, str], port: int, *, devices: bool = False) -> None:
    """Start the web server and the worker, and wait until ``/zdrowie/`` answers 200; raises ``LaunchError``.

    With ``devices`` a program plays the sensors of the demo city, where the broker is our own.
    """
    python = Path(sys.executable)
    workers = env.get("MIASTO_WEB_WORKERS") or str(max(1, min(os.cpu_count() or 1, 4)))
    web = [python, "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(port)]
    web += ["--workers", workers, "--workers-kill-timeout", "3", "--loop", "uvloop", "--no-ws", "--log-level", "warning"]
    web += ["--static-path-route", "/static", "--static-path-mount", clone.var / "static", "miasto.config.asgi:application"]
    # A broker that a person named is used instead of our own.
    known = {} if env.get("MIASTO_MQTT_URL") else broker.start(clone, supervisor)
    played = {"MIASTO_DEMO_DEVICES": "1"} if devices and known else {}
    shared = {**env, **known, **played, "PYTHONUNBUFFERED": "1"}
    web_env = {"MIASTO_POOL": "10", **shared}

    def service(name: str, argv: Sequence[str | Path], log: str, prefix: str, its: Mapping[str, str] = shared) -> None:
        supervisor.start(Part(name, argv, clone.log(log), prefix, its, cwd=clone.root, again=True))

    service("Zadania w tle", [python, "-m", "miasto", "worker"], "worker", "zadania | ")
    service("Odczyty", [python, "-m", "miasto", "readings"], "readings", "odczyty | ")
    if env.get("MIASTO_LMTP_PORT"):
        lmtp = [python, "-m", "miasto", "lmtp", "--port", env["MIASTO_LMTP_PORT"]]
        service("Poczta przychodząca", lmtp, "lmtp", "poczta  | ")
    service("Serwer WWW", web, "web", "www     | ", web_env)
    url = f"http://127.0.0.1:{port}/zdrowie/"
    if not supervisor.wait_until(lambda: _healthy(url), seconds=120):
        raise LaunchError(f"Serwer WWW działa, ale {url} od dwóch minut nie odpowiada poprawnie. Zapis: {clone.log('web')}")
    if played:
        service("Czujniki pokazowe", [python, "-m", "miasto", "devices"], "devices", "czujniki| ")


def _healthy(url: str) -> bool:
    try:
        # Never through a proxy of the environment: the address is this machine.
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            raise LaunchError(f"Port {port} mogą zająć tylko procesy administratora. Wybierz inny: ./run --port 8001") from None
        except OSError:
            raise LaunchError(f"Port {port} jest zajęty przez inny program. Wybierz inny: ./run --port {port + 1}") from None


def _reset(clone: Clone) -> None:
    say("Usuwam bazę danych, pliki i wiadomości tej kopii…")
    private = cluster.place(clone.var / "pg", clone.key)
    if private.server_pid():
        raise LaunchError(
            f"Serwer bazy danych (proces {private.server_pid()}) jeszcze pracuje. Zatrzymaj go i spróbuj ponownie."
        )
    private.remove()
    for name in ("files", "archive", "mailbox"):
        shutil.rmtree(clone.var / name, ignore_errors=True)
    for name in ("prepared.stamp", _ACCOUNTS):
        (clone.var / name).unlink(missing_ok=True)

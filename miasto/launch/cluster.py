"""The private PostgreSQL cluster with PostGIS: where it lives, how it is made, and how its server is started.

It listens on a Unix socket only, in a folder that only its owner may enter. PostgreSQL refuses to run as root, so
under root the server runs as Debian's ``postgres`` user; everything else stays with the caller.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from miasto.launch import processes
from miasto.launch.clone import LaunchError
from miasto.launch.supervise import Part, Supervisor

BIN = Path("/usr/lib/postgresql/15/bin")
DATABASE = "miasto"
# sockaddr_un.sun_path holds 108 bytes with the closing NUL (unix(7)).
_LONGEST_SOCKET = 107
_MADE_SETTINGS = ("--encoding=UTF8", "--locale-provider=icu", "--icu-locale=pl", "--locale=C.UTF-8")
_UNSAFE_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Cluster:
    """One cluster. ``home`` holds ``data``; ``socket`` is the folder of the socket; ``user`` runs the server
    (None: the caller). ``throw_away`` trades safety against a power cut for speed (tests)."""

    home: Path
    socket: Path
    user: str | None
    throw_away: bool = False

    @property
    def data(self) -> Path:
        return self.home / "data"

    def url(self, database: str = DATABASE) -> str:
        """The address that libpq and the platform's settings understand."""
        return f"postgresql://{DATABASE}@/{database}?host={quote(str(self.socket), safe='/')}"

    @property
    def exists(self) -> bool:
        """Whether initdb has finished: only then is its folder renamed to ``data``."""
        return (self.data / "PG_VERSION").exists()

    def make(self) -> None:
        """Create the files of the cluster unless they exist; leftovers of an interrupted attempt are removed."""
        if self.exists:
            self._check_version()
            return
        if self.data.exists():
            raise LaunchError(
                f"Katalog {self.data} nie zawiera bazy danych, a powinien.\n"
                f"Jeśli nie ma w nim nic potrzebnego, usuń go i spróbuj ponownie."
            )
        self._remove_leftovers()
        fresh = self.home / f"data.new{os.getpid()}"
        command = [BIN / "initdb", "-D", fresh, f"--username={DATABASE}", "--auth-local=trust", "--auth-host=reject"]
        command += [*_MADE_SETTINGS, "--no-instructions", *(["--no-sync"] if self.throw_away else [])]
        code, output = processes.run(command, user=self.user, cwd="/", env={**os.environ, "LC_ALL": "C.UTF-8"})
        if code:
            shutil.rmtree(fresh, ignore_errors=True)
            raise LaunchError(f"Nie udało się utworzyć bazy danych w {self.home}.\n{output}")
        fresh.rename(self.data)

    def _remove_leftovers(self) -> None:
        """Remove what cut-off attempts left. The server that such an initdb had started may still be closing, and
        removes or writes files meanwhile; so this is repeated until nothing is left, for at most half a minute."""
        for leftover in self.home.glob("data.new*"):
            deadline = time.monotonic() + 30
            while leftover.exists():
                shutil.rmtree(leftover, ignore_errors=time.monotonic() < deadline)
                time.sleep(0.05)

    def _check_version(self) -> None:
        version = (self.data / "PG_VERSION").read_text("ascii").strip()
        if version != "15":
            raise LaunchError(
                f"Baza danych w {self.data} należy do PostgreSQL {version}, a platforma używa wersji 15.\n"
                f"Przenieś dane (docs/operations.md) albo zacznij od nowa: ./run --reset"
            )

    def server(self, log: Path) -> Part:
        """The server as a child process of the supervisor, never a daemon."""
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",
            "logging_collector": "off",
            "lc_messages": "C",
            "timezone": "UTC",
            "jit": "off",
            "max_connections": "400" if self.throw_away else "200",  # tests run several cities side by side
            **memory_settings(),
            **(_UNSAFE_FAST if self.throw_away else {}),
        }
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        return Part(
            name="Baza danych",
            argv=[BIN / "postgres", "-D", self.data, *words],
            log=log,
            user=self.user,
            cwd=Path("/"),
            stop_signal=signal.SIGINT,  # PostgreSQL's "fast shutdown"
            stop_seconds=60,
        )

    def start(self, supervisor: Supervisor, log: Path) -> Part:
        """Start the server and wait until it answers; the database ``miasto`` exists afterwards."""
        self._wait_for_former_server(supervisor)
        part = supervisor.start(self.server(log))
        if not supervisor.wait_until(self.answers, seconds=120):
            raise LaunchError(f"Serwer bazy danych nie odpowiada od dwóch minut. Zapis: {log}")
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(f'CREATE DATABASE "{DATABASE}"')
        return part

    def answers(self) -> bool:
        """Whether the server accepts connections now."""
        try:
            psycopg.connect(self.url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _wait_for_former_server(self, supervisor: Supervisor) -> None:
        """After a killed supervisor its server needs a moment to shut down."""
        if not supervisor.wait_until(lambda: self.server_pid() is None, seconds=60):
            raise LaunchError(
                f"Inny serwer bazy danych (proces {self.server_pid()}) pracuje na danych w {self.data}.\n"
                f"Zatrzymaj go i spróbuj ponownie."
            )

    def server_pid(self) -> int | None:
        """The process of a server that works on these files now, whoever started it."""
        try:
            pid = int((self.data / "postmaster.pid").read_text("ascii").split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return None
        return pid if b"postgres" in command else None

    def remove(self) -> None:
        """Remove every file of the cluster; its server must not be running."""
        for folder in (self.data, *self.home.glob("data.new*")):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(self.socket, ignore_errors=True)

    def remove_home(self) -> None:
        """Remove the folder itself, of a throw-away cluster."""
        shutil.rmtree(self.home, ignore_errors=True)


def memory_settings() -> Mapping[str, str]:
    """Settings in proportion to the machine's memory (shared buffers an eighth, between 128 MB and 2 GB)."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {
        "shared_buffers": f"{max(128, min(total // 8, 2048))}MB",
        "effective_cache_size": f"{max(256, total // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{max(64, min(total // 16, 512))}MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "wal_compression": "on",
    }


def place(folder: Path, key: str, *, throw_away: bool = False) -> Cluster:
    """The cluster whose files belong into ``folder``, with its folders made and owned by the server's user.

    Where that user cannot reach ``folder`` (a clone under a closed home, started by root), it moves to
    ``/var/lib/miasto/<key>``. A socket path that is too long for the system moves to a short folder.
    """
    user = "postgres" if os.geteuid() == 0 else None
    home = reachable_folder(folder, key, user)
    return Cluster(home, _socket_folder(home, key, user), user, throw_away)


def reachable_folder(folder: Path, key: str, user: str | None) -> Path:
    """A folder that belongs to ``user`` (None: the caller) and that this user can reach: ``folder`` or one of the system's."""
    home = _own_folder(folder, user)
    if not _reachable(home, user):
        if user is None:
            raise LaunchError(
                f"Katalog {home} należy do innego użytkownika – może wcześniej platformę uruchomił tu root.\n"
                f"Uruchom ją tak samo albo pracuj w osobnej kopii repozytorium."
            )
        with suppress(OSError):  # only an empty folder is removed
            home.rmdir()
        home = _own_folder(_system_folder(key) / folder.name, user)
        if not _reachable(home, user):
            raise LaunchError(f"Użytkownik {user} nie może pisać w katalogu {home}. Sprawdź prawa do {home.parents[1]}.")
    return home


def _system_folder(key: str) -> Path:
    path = Path("/var/lib/miasto") / key
    path.mkdir(parents=True, exist_ok=True)
    for folder in (path.parent, path):
        folder.chmod(0o755)
    return path


def _own_folder(path: Path, user: str | None) -> Path:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if user:
            shutil.chown(path, user, user)
    except LookupError as error:
        raise LaunchError(f"Nie ma użytkownika {user}, który prowadzi ten serwer ({error}).") from error
    except OSError as error:
        raise LaunchError(f"Nie mogę przygotować katalogu {path}: {error.strerror}.") from error
    return path


def _reachable(path: Path, user: str | None) -> bool:
    script = 'test -r "$1" && test -w "$1" && test -x "$1"'
    return processes.run(["sh", "-c", script, "sh", path], user=user, cwd="/")[0] == 0


def _socket_folder(home: Path, key: str, user: str | None) -> Path:
    wanted = home / "run"
    longest = os.fsencode(wanted / ".s.PGSQL.5432")
    # PostgreSQL splits the setting at commas and reads quotation marks.
    if len(longest) > _LONGEST_SOCKET or any(sign in longest for sign in (b",", b'"')):
        parent = Path("/run") if os.geteuid() == 0 else Path(tempfile.gettempdir())
        wanted = parent / f"miasto-{key}-{home.name}-{os.geteuid()}"
        owners = (os.geteuid(), processes.account(user).get("user"))
        # In a folder open to everybody, somebody else may have made it first.
        if wanted.is_symlink() or (wanted.exists() and wanted.stat().st_uid not in owners):
            raise LaunchError(f"Katalog {wanted} należy do kogoś innego. Usuń go i spróbuj ponownie.")
    _own_folder(wanted, user).chmod(0o700)
    return wanted


def remove_stale(folder: Path, prefix: str) -> None:
    """Remove throw-away clusters (``<prefix><pid>``) whose process is gone, after it was killed."""
    for path in folder.glob(f"{prefix}*"):
        pid = path.name.removeprefix(prefix)
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(path, ignore_errors=True)

"""The private MQTT broker (Mosquitto) behind the platform's own front door, so that nobody reads what was not meant for them.

- Devices and partners connect to the platform's door (``kernel/observations/mqtt/door.py``, in the process ``readings``), which
  takes what they publish and opens connections to the broker for what they subscribe to.
- The platform and its door use one port of the broker, with a password that is made anew at each start.
- Who only subscribes to what everybody may see can use the other port, without a password; there every topic begins with
  ``out/``. (``mount_point`` cannot hide that: Debian's Mosquitto 2.0.11 adds it to subscriptions and leaves it in messages.)
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from miasto.launch import cluster
from miasto.launch.clone import Clone, LaunchError
from miasto.launch.supervise import Part, Supervisor

PROGRAM = Path("/usr/sbin/mosquitto")
USUAL_PORT = 1883
PLATFORM = "platforma"
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - addresses to listen at, which nobody can connect to
WAITING_MOST, BYTES_MOST = 10_000, 4 * 1024 * 1024  # messages kept for a subscriber who is slow or away


@dataclass(frozen=True)
class Broker:
    """One broker: its folder, the three ports (door, platform, subscribers) and the platform's password."""

    home: Path
    user: str | None
    ports: tuple[int, int, int]
    platform_password: str

    @property
    def environment(self) -> dict[str, str]:
        """What the platform's processes need to know."""
        door, platform, public = self.ports
        listen = os.environ.get("MIASTO_MQTT_LISTEN", "127.0.0.1")
        reached = "" if listen in EVERYWHERE else f"mqtt://{listen}:{door}"
        return {
            "MIASTO_MQTT_URL": f"mqtt://{PLATFORM}:{self.platform_password}@127.0.0.1:{platform}",
            "MIASTO_MQTT_OUT": "out/",
            "MIASTO_MQTT_DOOR": f"{listen}:{door}",
            "MIASTO_MQTT_ENDPOINTS": os.environ.get("MIASTO_MQTT_ENDPOINTS", reached),
            "MIASTO_MQTT_PUBLIC": f"mqtt://127.0.0.1:{public}",
        }

    def write(self) -> None:
        """Write configuration, passwords and rights."""
        self._file(
            "mosquitto.conf", _CONFIGURATION.format(home=self.home, ports=self.ports, most=WAITING_MOST, bytes=BYTES_MOST)
        )
        self._file("platform.passwords", f"{PLATFORM}:{_hashed(self.platform_password)}\n")
        self._file("platform.rights", f"user {PLATFORM}\ntopic readwrite out/#\ntopic readwrite inside/#\n")
        self._file("public.rights", "topic read out/#\n")

    def _file(self, name: str, text: str) -> None:
        path = self.home / name
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        if self.user:
            shutil.chown(path, self.user, self.user)

    def part(self, log: Path | None) -> Part:
        """The broker as a child process."""
        return Part("Broker MQTT", [PROGRAM, "-c", self.home / "mosquitto.conf"], log, user=self.user, cwd=Path("/"))

    def answers(self) -> bool:
        """Whether it accepts connections now."""
        try:
            socket.create_connection(("127.0.0.1", self.ports[1]), timeout=2).close()
        except OSError:
            return False
        return True


# Without delay (TCP_NODELAY): an alert does not wait for company.
_CONFIGURATION = """per_listener_settings true
set_tcp_nodelay true
persistence true
persistence_location {home}/
autosave_on_changes true
autosave_interval 10
max_queued_messages {most}
max_queued_bytes {bytes}
persistent_client_expiration 8d
queue_qos0_messages true
max_packet_size 1048576
log_dest stdout
log_type error
log_type warning
log_type notice
connection_messages false

listener {ports[1]} 127.0.0.1
allow_anonymous false
password_file {home}/platform.passwords
acl_file {home}/platform.rights

listener {ports[2]} 127.0.0.1
allow_anonymous true
acl_file {home}/public.rights
"""


def _hashed(password: str) -> str:
    """As Mosquitto keeps a password: PBKDF2-SHA512."""
    salt, rounds = secrets.token_bytes(12), 101
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, rounds)
    return f"$7${rounds}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def place(clone: Clone) -> Broker:
    """The broker of a clone, its files written. The ports stay the same from start to start."""
    if not PROGRAM.exists():
        raise LaunchError("Brakuje programu mosquitto. Zainstaluj pakiet Debiana mosquitto albo ustaw MIASTO_MQTT_URL.")
    user = "mosquitto" if os.geteuid() == 0 else None
    home = cluster.reachable_folder(clone.var / "mqtt", clone.key, user)
    made = Broker(home, user, _ports(home / "ports"), secrets.token_urlsafe(24))
    made._file("ports", " ".join(str(port) for port in made.ports))
    made.write()
    return made


def _kept(path: Path) -> str:
    return path.read_text("ascii").strip() if path.exists() else ""


def _ports(kept: Path) -> tuple[int, int, int]:
    """Three ports that are free now: those of the last start, else the usual one and the next two, else any."""
    last = tuple(int(word) for word in _kept(kept).split() if word.isdigit())
    for found in (last, (USUAL_PORT, USUAL_PORT + 1, USUAL_PORT + 2)):
        if len(found) == 3 and all(_free(port) for port in found):
            return found  # type: ignore[return-value]
    return _any_port(), _any_port(), _any_port()


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(clone: Clone, supervisor: Supervisor) -> dict[str, str]:
    """Start the broker and wait until it answers; what the platform's processes need to know. Raises ``LaunchError``."""
    made = place(clone)
    supervisor.start(made.part(clone.log("mqtt"))).again = True
    if not supervisor.wait_until(made.answers, seconds=30):
        raise LaunchError(f"Broker MQTT nie odpowiada od pół minuty. Zapis: {clone.log('mqtt')}")
    return made.environment

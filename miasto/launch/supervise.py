"""A group of processes that live and die together: the database, the web server, the worker and the set-up steps.

One thread and one loop; signals wake it through a pipe. Children stop in the reverse order of their start, each
within its time, then by SIGKILL. A child that ends unasked ends everything: ``Supervisor`` raises ``PartFailed``. Once all
runs, one that is to be started ``again`` does not: it gets a new process, after a pause that grows while it keeps ending.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from miasto.launch import processes
from miasto.launch.clone import LaunchError

_TAIL = 30
AGAIN_S, AGAIN_MOST_S = 1.0, 30.0  # before another start; PostgreSQL cannot come up while a disk is full
STEADY_S = 60.0  # who ran for so long is started again soon
_STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """A person or the system asked the platform to stop."""


class PartFailed(LaunchError):
    """A part ended by itself; the text names it, its exit code and its last lines."""


@dataclass
class Part:
    """One child process. ``name`` is what a person calls it; ``prefix`` marks its lines on the terminal.

    An empty prefix keeps the output in ``log`` only. ``stop_signal`` asks it to stop, ``stop_seconds`` is its time.
    """

    name: str
    argv: Sequence[str | Path]
    log: Path | None = None
    prefix: str = ""
    env: Mapping[str, str] | None = None
    user: str | None = None
    cwd: Path | None = None
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 10.0
    to_terminal: bool = False
    may_end: bool = False  # it works beside the others and is done when it is done
    again: bool = False  # it is started anew when it ends while ``Supervisor.run`` watches
    shown: bool = False  # the person has just read its lines: an error does not repeat them
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=_TAIL))
    process: subprocess.Popen[bytes] | None = None
    _began: float = 0.0
    _short: int = 0  # how many times it ended soon, one after the other
    _due: float | None = None  # when it is started again
    _mute: bool = False  # its log cannot be written
    _file: BinaryIO | None = None
    _rest: bytes = b""

    def describe_end(self) -> str:
        """Why it ended, for a person, with its last lines."""
        code = self.process.returncode if self.process else None
        cause = f"sygnał {signal.Signals(-code).name}" if code is not None and code < 0 else f"kod wyjścia {code}"
        lines = "" if self.shown else "".join(f"\n    {line}" for line in self.tail)
        where = f"\nPełny zapis: {self.log}" if self.log else ""
        return f"{self.name}: nieoczekiwane zakończenie ({cause}).{lines}{where}"


def say(text: str) -> None:
    """Print a line; a terminal that has gone away must not keep the rest from being stopped."""
    with contextlib.suppress(OSError):
        print(text, flush=True)


class Supervisor:
    """Use as a context: on leaving it, whatever the reason, every process it started is gone.

    With ``adopt`` (the process has no other children of its own) also those grandchildren that ran away.
    """

    def __init__(self, *, say: Callable[[str], None] = say, adopt: bool = True) -> None:
        self.say = say
        self._adopt = adopt
        self._parts: list[Part] = []
        self._selector = selectors.DefaultSelector()
        self._asked = 0
        self._stopping = False

    def __enter__(self) -> Supervisor:
        if self._adopt:
            processes.adopt_orphans()
        read, write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wakeup = (read, write)
        self._selector.register(read, selectors.EVENT_READ, None)
        self._former_fd = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
        self._former = {number: signal.signal(number, self._ask) for number in _STOPPING_SIGNALS}
        self._former[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        signal.set_wakeup_fd(self._former_fd)
        for number, handler in self._former.items():
            signal.signal(number, handler)
        self._selector.close()
        for descriptor in self._wakeup:
            os.close(descriptor)

    def _ask(self, number: int, frame: object) -> None:
        self._asked += 1

    # Starting and waiting

    def start(self, part: Part) -> Part:
        """Start a part; from now on its unexpected end raises ``PartFailed`` in whichever call waits."""
        self._launch(part)
        self._parts.append(part)
        return part

    def _launch(self, part: Part) -> None:
        if part.log:
            try:
                part._file = open(part.log, "ab", buffering=0)  # noqa: SIM115  closed by _close
            except OSError as error:
                self._complain(part, error)
        part._began, part._due = time.monotonic(), None
        part.tail.clear()
        output = None if part.to_terminal else subprocess.PIPE
        part.process = processes.start(
            part.argv,
            stop_signal=part.stop_signal,
            user=part.user,
            env=dict(part.env) if part.env is not None else None,
            cwd=part.cwd,
            stdout=output,
            stderr=None if part.to_terminal else subprocess.STDOUT,
        )
        if part.process.stdout:
            os.set_blocking(part.process.stdout.fileno(), False)
            self._selector.register(part.process.stdout, selectors.EVENT_READ, part)

    def step(self, part: Part) -> int:
        """Run a part that is meant to end, and return its exit code (negative: the signal)."""
        self.start(part)
        self.wait_until(lambda: self._ended(part), but=part)
        self._forget(part)
        assert part.process is not None
        return part.process.returncode

    def wait_until(self, ready: Callable[[], bool], *, seconds: float | None = None, but: Part | None = None) -> bool:
        """Wait for ``ready``, asked ten times a second; False when the time is over.

        Raises ``Stopped`` when asked to stop, ``PartFailed`` when a part (other than ``but``) ended.
        """
        end = None if seconds is None else time.monotonic() + seconds
        while not ready():
            if end is not None and time.monotonic() > end:
                return False
            self._turn(0.1)
            self._check(but)
        return True

    def run(self) -> None:
        """Watch over the parts until somebody asks to stop (``Stopped``) or one ends for good (``PartFailed``)."""
        while True:
            waiting = [part for part in self._parts if part._due is not None]
            self._turn(max(0.0, min(part._due for part in waiting) - time.monotonic()) if waiting else None)  # type: ignore[type-var]
            for part in self._parts:
                if part.again and part._due is None and self._ended(part):
                    self._put_off(part)
            self._check(None)
            for part in waiting:
                if part._due is not None and part._due <= time.monotonic():
                    self._launch(part)

    def _put_off(self, part: Part) -> None:
        """A part has ended: say why, and when it is started again. What is left of its children goes first."""
        assert part.process is not None
        processes.signal_group(part.process.pid, signal.SIGKILL)
        self._close(part)
        part._short = 0 if time.monotonic() - part._began > STEADY_S else part._short + 1
        pause = min(AGAIN_S * 2 ** max(0, part._short - 1), AGAIN_MOST_S)
        part._due = time.monotonic() + pause
        self.say(f"{part.describe_end()}\n{part.name}: uruchamiam ponownie za {pause:.0f} s.")

    def _check(self, but: Part | None) -> None:
        if self._asked and not self._stopping:
            raise Stopped
        for part in self._parts:
            # one that may end is asked as well: while nobody takes note of its end, adopted grandchildren stay as zombies
            ended = self._ended(part) and not part.may_end and part._due is None
            if part is not but and not self._stopping and ended:
                self._drain(part)
                raise PartFailed(part.describe_end())

    @staticmethod
    def _ended(part: Part) -> bool:
        return part.process is not None and part.process.poll() is not None

    # Output

    def _turn(self, seconds: float | None) -> None:
        self._reap_adopted()
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                os.read(self._wakeup[0], 4096)
            else:
                self._read(key.data)

    def _read(self, part: Part) -> bool:
        assert part.process is not None
        assert part.process.stdout is not None
        try:
            block = os.read(part.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return False
        if not block:
            self._selector.unregister(part.process.stdout)
            part.process.stdout.close()
            part.process.stdout = None
            return False
        self._keep(part, block)
        *lines, part._rest = (part._rest + block).split(b"\n")
        for line in lines:
            self._line(part, line)
        return True

    def _keep(self, part: Part, block: bytes) -> None:
        """Write to the part's log; a disk without room ends nothing, and is said once."""
        if not part._file:
            return
        try:
            part._file.write(block)
        except OSError as error:
            self._complain(part, error)
        else:
            part._mute = False

    def _complain(self, part: Part, error: OSError) -> None:
        if not part._mute:
            part._mute = True
            self.say(f"{part.name}: nie da się pisać do pliku {part.log} ({error.strerror}). Praca trwa, zapisu nie będzie.")

    def _line(self, part: Part, line: bytes) -> None:
        text = line.decode("utf-8", "replace").rstrip()
        part.tail.append(text)
        if part.prefix:
            self.say(f"{part.prefix}{text}")

    def _drain(self, part: Part) -> None:
        while part.process is not None and part.process.stdout is not None and self._read(part):
            pass
        if part._rest:
            self._line(part, part._rest)
            part._rest = b""

    # Stopping

    def stop(self) -> None:
        """Stop everything, last started first. A second request to stop while this works kills what is left."""
        self._stopping = True
        already = self._asked
        for part in reversed(self._parts[:]):
            self.stop_part(part, hurry=lambda: self._asked > already)
        if self._adopt:
            self._stop_orphans()

    def stop_part(self, part: Part, *, hurry: Callable[[], bool] = lambda: False) -> None:
        """Ask one part to stop, wait its time, then kill it with all its children."""
        assert part.process is not None
        was, self._stopping = self._stopping, True
        if part.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(part.process.pid, part.stop_signal)
        end = time.monotonic() + part.stop_seconds
        while part.process.poll() is None and time.monotonic() < end and not hurry():
            self._turn(0.1)
        if part.process.poll() is None:
            self.say(f"{part.name}: nie kończy pracy, wymuszam zakończenie.")
        processes.signal_group(part.process.pid, signal.SIGKILL)
        part.process.wait()
        self._forget(part)
        self._stopping = was

    def _forget(self, part: Part) -> None:
        self._close(part)
        self._parts.remove(part)

    def _close(self, part: Part) -> None:
        self._drain(part)
        if part.process is not None and part.process.stdout is not None:
            self._selector.unregister(part.process.stdout)
            part.process.stdout.close()
            part.process.stdout = None
        if part._file:
            part._file.close()
            part._file = None

    def _reap_adopted(self) -> None:
        """Take note of the end of adopted grandchildren, or they stay as zombies; the parts are left to Popen."""
        own = {part.process.pid for part in self._parts if part.process}
        while self._adopt:
            try:
                ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if ended is None or ended.si_pid in own:
                return
            os.waitpid(ended.si_pid, 0)

    def _stop_orphans(self) -> None:
        """Grandchildren that left their group and lost their parent: they are ours now, and nobody needs them."""
        for _ in range(50):
            orphans = processes.children_of(os.getpid())
            if not orphans:
                break
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        while True:
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    return
            except ChildProcessError:
                return


def fail(error: LaunchError) -> int:
    """Show an error to the person at the terminal; returns the exit code."""
    with contextlib.suppress(OSError):
        print(f"\nBłąd: {error}", file=sys.stderr, flush=True)
    return 1

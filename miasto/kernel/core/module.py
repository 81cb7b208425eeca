"""The module contract: what a folder says of itself in one frozen value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from miasto.kernel.core.events import Event
    from miasto.kernel.core.registry import Registry


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One declaration. Its class is its kind; ``key`` is ``<slug of the declarer>.<name>``, unique within the kind."""

    key: str

    def problems(self, registry: Registry) -> Iterable[str]:
        """What is wrong with this declaration, seen with all the others: sentences that name the mend."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Setup(Spec):
    """An idempotent step that brings the city profile into the database after the migrations.

    ``run`` is called without arguments, in ascending ``order``, by ``python -m miasto prepare``.
    """

    run: Callable[[], Any]
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class MailIntake(Spec):
    """Who takes in the messages that come to a subaddress of the city's inbox: ``inbox+<subaddress>@`` (RFC 5233).

    An empty ``subaddress`` takes everything that nobody else does. ``take(raw, source=, envelope_from=, recipients=)`` commits
    before it returns, bears being called twice with the same message, and returns a word for the log of the mail server.
    """

    take: Callable[..., str]
    subaddress: str = ""

    def problems(self, registry: Registry) -> Iterable[str]:
        if any(one.subaddress == self.subaddress and one.key != self.key for one in registry.all(MailIntake)):
            yield f"the subaddress {self.subaddress!r} is taken; choose another"


@dataclass(frozen=True, kw_only=True)
class Disk(Spec):
    """A folder of the declarer's own in which it keeps data, whose free room is watched (``core.room``).

    ``folder`` answers None where the data lie on no disk of this machine.
    """

    folder: Callable[[], Path | None]


@dataclass(frozen=True)
class Mount:
    """An address prefix (``"zglos/"``; ``""`` for the root) and the URL module inside the declarer's package."""

    prefix: str
    urls: str = "urls"


@dataclass(frozen=True, kw_only=True)
class Module:
    """A city solution: one folder under ``miasto/modules`` whose ``module.py`` holds one such value as ``MODULE``."""

    slug: str
    name: Any
    summary: Any
    icon: str = "square"
    provides: tuple[Spec, ...] = ()
    mounts: tuple[Mount, ...] = ()
    listens: Mapping[type[Event], tuple[Callable[[Any], Any], ...]] = field(default_factory=dict)
    demo: Callable[..., Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Engine(Module):
    """A kernel engine: the same declaration, as ``ENGINE`` in ``engine.py``."""

    name: Any = ""
    summary: Any = ""

"""Declarations shown by the pages: menus, tiles, panel pages, own JSON APIs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from miasto.kernel.core.module import Spec
from miasto.kernel.core.registry import Registry
from miasto.kernel.spec.accounts import Permission


@dataclass(frozen=True, kw_only=True)
class NavItem(Spec):
    """An entry of the public main menu. ``also`` are paths of the same place elsewhere: it is marked as current there too."""

    label: Any
    url_name: str
    icon: str = ""
    order: int = 100
    also: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HeaderItem(Spec):
    """A small part of the header (the bell); ``context(request)`` returns the template's values, None hides it."""

    template: str
    context: Callable[[Any], dict[str, Any] | None]
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class HomeTask(Spec):
    """One of the main tasks of a resident on the home page."""

    label: Any
    hint: Any
    url_name: str
    icon: str
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class OfflinePage(Spec):
    """A page that the device keeps and that works without a network.

    It is asked for without cookies, so it must be the same for everybody. Without a network it is shown ``instead_of`` that
    page and those below it. Its own service worker part, where it needs one, is ``static_src/_worker.js``.
    """

    label: Any
    url_name: str
    instead_of: str
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class Shared(Spec):
    """A part of a page, or what many requests ask, that is the same for everybody: made once per language, kept until the
    data change.

    ``models`` are the labels (``"cases.Case"``) of everything that it is drawn from. It is kept for at most ``seconds``
    even if nothing changes, because it says how long ago things happened.
    """

    models: tuple[str, ...]
    seconds: int = 60


@dataclass(frozen=True, kw_only=True)
class HomeSection(Spec):
    """A section of the home page that shows what is happening; ``context(viewer)`` returns the template's values.

    ``shared`` is the key of the ``Shared`` part that it is, where it is the same for everybody; ``context`` then gets
    None instead of a viewer.
    """

    template: str
    context: Callable[[Any], dict[str, Any]]
    shared: str = ""
    order: int = 100

    def problems(self, registry: Registry) -> Iterable[str]:
        if self.shared and not registry.has(Shared, self.shared):
            yield f"no Shared {self.shared!r} is declared"


@dataclass(frozen=True, kw_only=True)
class AccountPage(Spec):
    """An entry of the menu of ``/konto/``."""

    label: Any
    url_name: str
    icon: str
    order: int = 100


@dataclass(frozen=True, kw_only=True)
class PanelPage(Spec):
    """An entry of the staff panel, shown to holders of ``permission``."""

    label: Any
    url_name: str
    icon: str
    permission: str
    group: Any = ""
    order: int = 100

    def problems(self, registry: Registry) -> Iterable[str]:
        if not registry.has(Permission, self.permission):
            yield f"no Permission {self.permission!r} is declared"


@dataclass(frozen=True, kw_only=True)
class PanelSection(Spec):
    """What waits for a member of staff, on the first page of the panel; ``context(viewer)`` returns the template's values."""

    template: str
    context: Callable[[Any], dict[str, Any]]
    permission: str
    order: int = 100

    def problems(self, registry: Registry) -> Iterable[str]:
        if not registry.has(Permission, self.permission):
            yield f"no Permission {self.permission!r} is declared"


@dataclass(frozen=True, kw_only=True)
class Api(Spec):
    """A django-ninja router mounted at ``/api/<prefix>/`` and described at ``/api/docs``."""

    prefix: str
    router: Any
    name: Any

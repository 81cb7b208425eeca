"""All declarations, checked at the door: what is wrong stops the start and names the declarer and the mend."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

from miasto.kernel.core.events import Event
from miasto.kernel.core.module import Module, Mount, Spec

S = TypeVar("S", bound=Spec)
SLUG = re.compile(r"^[a-z][a-z0-9_]*$")
KEY = re.compile(r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")


class ContractError(Exception):
    """A declaration breaks the module contract; says who, what and how to mend it."""

    def __init__(self, package: str, problem: str, mend: str) -> None:
        super().__init__(f"{package}: {problem}. Mend: {mend}.")


class Registry:
    """The declarations of one set of engines and modules. ``declared`` is ``[(dotted package, Module)]``."""

    def __init__(self, declared: Iterable[tuple[str, Module]]) -> None:
        self.modules: dict[str, Module] = {}
        self.packages: dict[str, str] = {}
        self._specs: dict[type[Spec], dict[str, Spec]] = defaultdict(dict)
        self._listeners: dict[type[Event], list[tuple[str, Callable[[Any], Any]]]] = defaultdict(list)
        self._mounts: dict[str, tuple[str, Mount]] = {}
        for package, module in declared:
            self._add(package, module)
        self._check_together()

    def all(self, kind: type[S]) -> list[S]:
        """Every declaration of a kind, by ``order`` where the kind has one, then by key."""
        return sorted(self._specs.get(kind, {}).values(), key=lambda spec: (getattr(spec, "order", 0), spec.key))

    def get(self, kind: type[S], key: str) -> S:
        """One declaration; raises ``KeyError`` naming the kind and the key."""
        try:
            return self._specs[kind][key]  # type: ignore[return-value]
        except KeyError:
            raise KeyError(f"no {kind.__name__} is declared under the key {key!r}") from None

    def has(self, kind: type[Spec], key: str) -> bool:
        """Whether a declaration of this kind and key exists."""
        return key in self._specs.get(kind, {})

    def listeners(self, event: type[Event]) -> list[tuple[str, Callable[[Any], Any]]]:
        """``(stable name, function)`` of each listener of an event, in order of the declarers."""
        return self._listeners.get(event, [])

    def mounts(self) -> list[tuple[str, str]]:
        """``(prefix, dotted URL module)``, longest prefix first so that no short one hides a longer."""
        pairs = [(mount.prefix, f"{package}.{mount.urls}") for package, mount in self._mounts.values()]
        return sorted(pairs, key=lambda pair: (-len(pair[0]), pair[0]))

    def _add(self, package: str, module: Module) -> None:
        folder = package.rsplit(".", 1)[-1]
        if module.slug != folder or not SLUG.match(module.slug):
            raise ContractError(package, f"the slug is {module.slug!r}", f"use the folder's name, slug={folder!r}")
        if module.slug in self.modules:
            raise ContractError(package, f"the slug {module.slug!r} is taken", "rename the folder and the slug")
        self.modules[module.slug], self.packages[module.slug] = module, package
        for spec in module.provides:
            self._add_spec(package, module.slug, spec)
        for mount in module.mounts:
            self._add_mount(package, mount)
        for event, functions in module.listens.items():
            self._add_listeners(package, event, functions)

    def _add_spec(self, package: str, slug: str, spec: Spec) -> None:
        if not isinstance(spec, Spec):
            raise ContractError(package, f"provides holds {spec!r}", "put only declarations from miasto.kernel.spec there")
        if not KEY.match(spec.key) or not spec.key.startswith(f"{slug}."):
            raise ContractError(package, f"the key {spec.key!r} is wrong", f"write it as '{slug}.<name>' in lower case")
        known = self._specs[type(spec)]
        if spec.key in known:
            raise ContractError(package, f"{type(spec).__name__} {spec.key!r} is declared twice", "give one another name")
        known[spec.key] = spec

    def _add_mount(self, package: str, mount: Mount) -> None:
        if mount.prefix.startswith("/") or (mount.prefix and not mount.prefix.endswith("/")):
            raise ContractError(package, f"the address {mount.prefix!r} is wrong", "write it as 'deratyzacja/'")
        taken = self._mounts.get(mount.prefix)
        if taken and mount.prefix:
            raise ContractError(package, f"the address {mount.prefix!r} belongs to {taken[0]}", "choose another prefix")
        self._mounts[mount.prefix or f"<root of {package}>"] = (package, mount)

    def _add_listeners(self, package: str, event: Any, functions: tuple[Callable[[Any], Any], ...]) -> None:
        if not (isinstance(event, type) and issubclass(event, Event)):
            raise ContractError(package, f"listens to {event!r}, which is no event", "name a class from an events.py")
        for function in functions:
            self._listeners[event].append((f"{function.__module__}.{function.__qualname__}", function))

    def _check_together(self) -> None:
        for kind, specs in list(self._specs.items()):
            for spec in specs.values():
                for problem in spec.problems(self):
                    package = self.packages[spec.key.split(".", 1)[0]]
                    raise ContractError(package, f"{kind.__name__} {spec.key!r}: {problem}", "correct the declaration")


@cache
def registry() -> Registry:
    """The registry of this process: engines, and the modules that the city's profile switches on."""
    from miasto.kernel.core.discovery import declarations

    return Registry(declarations())

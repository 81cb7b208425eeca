"""Every action that the code writes to the log of changes has a name that a person reads there."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from itertools import product
from pathlib import Path

from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import ChangeName
from tests.architecture.test_contracts import PACKAGE, ROOT, SOURCES

UNKNOWN = "*"


class Code:
    """Who calls which function in our sources: enough to follow the words of an action back to where they are written."""

    def __init__(self) -> None:
        self.calls: dict[str, list[tuple[Path, ast.FunctionDef | None, ast.Call]]] = defaultdict(list)
        self.constants: dict[tuple[Path, str], ast.expr] = {}
        self.taken: dict[tuple[Path, str], str] = {}
        for path in SOURCES:
            if path.suffix == ".py" and not {"tests", "migrations"} & set(path.parts) and path.name != "scaffold.py":
                self._read(path, ast.parse(path.read_text("utf-8")), None)

    def _read(self, path: Path, node: ast.AST, inside: ast.FunctionDef | None) -> None:
        for child in ast.iter_child_nodes(node):
            within = inside
            if isinstance(child, ast.FunctionDef):
                within = child
            if isinstance(child, ast.Call) and isinstance(child.func, ast.Name | ast.Attribute):
                self.calls[ast.unparse(child.func)].append((path, inside, child))
            if isinstance(child, ast.Assign) and inside is None and isinstance(child.targets[0], ast.Name):
                self.constants[path, child.targets[0].id] = child.value
            if isinstance(child, ast.ImportFrom):
                self.taken |= {(path, alias.asname or alias.name): child.module or "" for alias in child.names}
            self._read(path, child, within)

    def recorded(self) -> Iterator[tuple[str, str]]:
        """``(action, where)`` of each ``changes.record``; what only the run decides is ``*``."""
        for path, inside, call in self.calls["changes.record"]:
            for action in self.words(self.given(call, "action", 0), path, inside):
                yield action, f"{path.relative_to(ROOT)}:{call.lineno}"

    def words(self, node: ast.expr | None, path: Path, inside: ast.FunctionDef | None) -> set[str]:
        """Every text that an expression may give."""
        if isinstance(node, ast.Constant):
            return {str(node.value)}
        if isinstance(node, ast.FormattedValue):
            return self.words(node.value, path, inside)
        if isinstance(node, ast.JoinedStr):
            return {"".join(parts) for parts in product(*(self.words(part, path, inside) for part in node.values))}
        if isinstance(node, ast.IfExp):
            return self.words(node.body, path, inside) | self.words(node.orelse, path, inside)
        if isinstance(node, ast.Name):
            return self._named(node.id, path, inside)
        return {UNKNOWN}

    def _named(self, name: str, path: Path, inside: ast.FunctionDef | None) -> set[str]:
        names = [one.arg for one in (*inside.args.args, *inside.args.kwonlyargs)] if inside else []
        if inside and name in names:
            place = names.index(name)
            callers = self._callers(path, inside)
            found = [self.words(self.given(call, name, place), where, outer) for where, outer, call in callers]
            return set().union(*found) or {UNKNOWN}
        constant = self.constants.get((path, name))
        return self.words(constant, path, None) if constant is not None else {UNKNOWN}

    def _callers(self, path: Path, function: ast.FunctionDef) -> list[tuple[Path, ast.FunctionDef | None, ast.Call]]:
        """The calls of a function: by its name in its file and where that is imported, or as ``file.name`` in the package."""
        package, module = path.relative_to(PACKAGE).parts[:2], ".".join(path.relative_to(ROOT).with_suffix("").parts)
        beside = self.calls[f"{path.stem}.{function.name}"]
        plain = self.calls[function.name]
        return [one for one in plain if one[0] == path or self.taken.get((one[0], function.name)) == module] + [
            one for one in beside if one[0].relative_to(PACKAGE).parts[:2] == package
        ]

    @staticmethod
    def given(call: ast.Call, name: str, place: int) -> ast.expr | None:
        found = next((one.value for one in call.keywords if one.arg == name), None)
        return found or (call.args[place] if place < len(call.args) else None)


@cache
def code() -> Code:
    """The sources, read once: both tests only look at them."""
    return Code()


def test_every_recorded_action_has_a_name_and_every_name_is_of_a_recorded_action():
    recorded = sorted(set(code().recorded()))
    declared = {spec.key for spec in registry().all(ChangeName)}
    assert len(recorded) > 80
    nameless = [one for one in recorded if not any(fnmatchcase(key, one[0]) for key in declared)]
    assert not nameless, f"declare a ChangeName for {nameless}"
    in_use = sorted(spec.key for spec in registry().all(ChangeName) if not spec.former)
    unused = [key for key in in_use if not any(fnmatchcase(key, action) for action, _where in recorded)]
    assert not unused, f"nothing records {unused}"


def test_the_words_of_an_action_are_followed_through_the_functions_that_pass_them_on():
    recorded = {action for action, _where in code().recorded()}
    assert {"cases.support_withdrawn", "cases.decide_comment", "accounts.person_deactivated"} <= recorded
    assert "accounts.personal_expired" in recorded

"""``python -m miasto count FILE.pb``: counts a file; needs no database and no settings."""

from __future__ import annotations

import argparse
import json
import os
import sys

from miasto.kernel.participation.counting import recount
from miasto.kernel.participation.counting.model import CountingError, Election, Rule

UNREADABLE: dict[type[OSError], str] = {
    FileNotFoundError: "nie ma takiego pliku",
    IsADirectoryError: "to jest folder, a nie plik",
    PermissionError: "brak prawa do odczytu pliku",
}


def main(arguments: list[str]) -> int:
    """Prints the result; 0, or 2 with a sentence on the error output where the file cannot be counted."""
    options = recount.arguments("python -m miasto count").parse_args(arguments)
    try:
        told = _counted(options)
    except CountingError as wrong:
        return _failed(str(wrong))
    except recount.WrongFile as wrong:
        return _failed(f"{options.file}: {wrong}")
    except OSError as wrong:
        return _failed(f"{options.file}: {UNREADABLE.get(type(wrong), 'nie da się przeczytać pliku')}")
    try:
        print(told, flush=True)  # noqa: T201
    except BrokenPipeError:  # the reader has seen enough (``| head``)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _counted(options: argparse.Namespace) -> str:
    asked = recount.rule_of(options)
    from miasto.kernel.participation.counting import count, pabulib, report

    election = pabulib.read(options.file)
    for words in election.warnings:
        print(f"{options.file}: uwaga: {words}", file=sys.stderr)  # noqa: T201
    result = report.as_dict(count.count(election, rule_of(asked, election)), options.lang)
    return json.dumps(result, ensure_ascii=False, indent=2) if options.json else recount.table(result)


def rule_of(asked: dict, election: Election) -> Rule:
    """The rule asked for; ``file`` takes rule and threshold from the file's own META."""
    rule = recount.from_file(asked, election.meta) if asked["rule"] == "file" else asked
    return Rule(
        **{
            **rule,
            "ties": tuple(rule["ties"]),
            "drawn": tuple(rule["drawn"]),
            "pools": tuple(rule["pools"].items()),
            "exclusive": tuple(tuple(group) for group in rule["exclusive"]),
        }
    )


def _failed(words: str) -> int:
    print(f"Błąd: {words}", file=sys.stderr)  # noqa: T201
    return 2

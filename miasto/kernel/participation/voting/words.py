"""Sentences of the validator, in the words of what is voted on: projects of a budget, or proposals of any other vote."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class OptionKind(StrEnum):
    """What the options of an election are called."""

    PROJECT = "project"
    PROPOSAL = "proposal"


def unknown(kind: str, name: str) -> str:
    """A chosen option is not on the list."""
    if kind == OptionKind.PROJECT:
        return _("„%(pool)s”: wybranego projektu nie ma na liście.") % {"pool": name}
    return _("„%(pool)s”: wybranej propozycji nie ma na liście.") % {"pool": name}


def repeated(kind: str, name: str) -> str:
    """One option was chosen twice."""
    if kind == OptionKind.PROJECT:
        return _("„%(pool)s”: ten sam projekt jest wybrany więcej niż raz.") % {"pool": name}
    return _("„%(pool)s”: ta sama propozycja jest wybrana więcej niż raz.") % {"pool": name}


def too_dear(kind: str, name: str) -> str:
    """A knapsack costs more than the pool has."""
    if kind == OptionKind.PROJECT:
        return _("„%(pool)s”: wybrane projekty kosztują razem więcej, niż wynosi pula.") % {"pool": name}
    return _("„%(pool)s”: wybrane propozycje kosztują razem więcej, niż wynosi pula.") % {"pool": name}


def too_many_points(name: str, most: int) -> str:
    """More points were given than there are."""
    text = ngettext("„%(pool)s”: do rozdania jest %(most)d punkt.", "„%(pool)s”: do rozdania jest %(most)d punktów.", most)
    return text % {"pool": name, "most": most}


def too_many_for_one(kind: str, name: str, most: int) -> str:
    """One option got more points than it may."""
    if kind == OptionKind.PROJECT:
        text = ngettext(
            "„%(pool)s”: jeden projekt może dostać najwyżej %(most)d punkt.",
            "„%(pool)s”: jeden projekt może dostać najwyżej %(most)d punktów.",
            most,
        )
    else:
        text = ngettext(
            "„%(pool)s”: jedna propozycja może dostać najwyżej %(most)d punkt.",
            "„%(pool)s”: jedna propozycja może dostać najwyżej %(most)d punktów.",
            most,
        )
    return text % {"pool": name, "most": most}


def blank(kind: str) -> str:
    """Nothing was chosen."""
    if kind == OptionKind.PROJECT:
        return _("Karta jest pusta. Wybierz co najmniej jeden projekt.")
    return _("Karta jest pusta. Wybierz co najmniej jedną propozycję.")


def too_many_pools(name: str, most: int) -> str:
    """Options of too many pools were chosen."""
    text = ngettext(
        "„%(pool)s”: można głosować tylko w %(most)d puli.", "„%(pool)s”: można głosować najwyżej w %(most)d pulach.", most
    )
    return text % {"pool": name, "most": most}


def too_many(kind: str, name: str, most: int) -> str:
    """Too many options were chosen."""
    if kind == OptionKind.PROJECT:
        text = ngettext(
            "„%(pool)s”: można wybrać najwyżej %(most)d projekt.", "„%(pool)s”: można wybrać najwyżej %(most)d projektów.", most
        )
    else:
        text = ngettext(
            "„%(pool)s”: można wybrać najwyżej %(most)d propozycję.",
            "„%(pool)s”: można wybrać najwyżej %(most)d propozycji.",
            most,
        )
    return text % {"pool": name, "most": most}


def too_few(kind: str, name: str, least: int) -> str:
    """Too few options were chosen."""
    if kind == OptionKind.PROJECT:
        text = ngettext(
            "„%(pool)s”: wybierz co najmniej %(least)d projekt.", "„%(pool)s”: wybierz co najmniej %(least)d projektów.", least
        )
    else:
        text = ngettext(
            "„%(pool)s”: wybierz co najmniej %(least)d propozycję.",
            "„%(pool)s”: wybierz co najmniej %(least)d propozycji.",
            least,
        )
    return text % {"pool": name, "least": least}

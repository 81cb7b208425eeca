"""What a result says in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.modules.idea.live import rules
from miasto.modules.idea.live.models import Base, Kind, LiveQuestion, Majority


def labels(question: LiveQuestion, language: str = "pl") -> list[str]:
    """The names of the answers in the reader's language."""
    if question.kind == Kind.YES_NO:
        return [_("Za"), _("Przeciw"), _("Wstrzymuję się")]
    return question.said(language)[1]


def rule(question: LiveQuestion) -> str:
    """The majority that the question needs."""
    if question.majority == Majority.NONE:
        return _("To sondaż: pytamy o zdanie, niczego nie rozstrzygamy.")
    if question.majority == Majority.SIMPLE:
        if question.kind == Kind.YES_NO:
            return _("Zwykła większość: więcej głosów za niż przeciw. Przy równej liczbie głosów wniosek nie przechodzi.")
        return _("Zwykła większość: wygrywa odpowiedź z największą liczbą głosów.")
    base = str(Base(question.base).label)
    if question.majority == Majority.ABSOLUTE:
        return _("Bezwzględna większość: więcej niż połowa %(base)s.") % {"base": base}
    return _("Kwalifikowana większość: co najmniej %(parts)d/%(of)d %(base)s.") % {
        "parts": question.parts,
        "of": question.of,
        "base": base,
    }


def verdict(question: LiveQuestion, language: str = "pl") -> str:
    """What was decided, in one sentence; empty for a poll."""
    result = question.result
    names = labels(question, language)
    winners = ", ".join(names[one] for one in result.get("winners", []))
    said = {
        rules.POLL: "",
        rules.PASSED: _("Wniosek przeszedł."),
        rules.REJECTED: _("Wniosek nie przeszedł."),
        rules.NOBODY: _("Nikt nie zagłosował, więc nic nie zostało rozstrzygnięte."),
        rules.CHOSEN: _("Wybrano: %(names)s.") % {"names": winners},
        rules.NO_MAJORITY: _("Żadna odpowiedź nie ma wymaganej większości."),
        rules.NO_QUORUM: _no_quorum(question),
        rules.TIE: _tie(question, winners),
    }[result["verdict"]]
    if result["verdict"] == rules.NO_MAJORITY and winners:
        said = _("Wymaganą większość ma tylko: %(names)s. Pozostałe miejsca nie są obsadzone.") % {"names": winners}
    return str(said)


def _tie(question: LiveQuestion, winners: str) -> str:
    if question.kind == Kind.YES_NO:
        return _("Równa liczba głosów za i przeciw: wniosek nie przeszedł. Nikt nie ma głosu rozstrzygającego.")
    if winners:
        return _("Wybrano: %(names)s. O pozostałe miejsca jest remis.") % {"names": winners}
    return _("Remis: nikt nie został wybrany.")


def _no_quorum(question: LiveQuestion) -> str:
    quorum = question.result["quorum"]
    when = (
        _("na początku i na końcu głosowania")
        if not (quorum["open"] or quorum["close"])
        else _("na początku głosowania")
        if not quorum["open"]
        else _("na końcu głosowania")
    )
    return _("Nie było kworum %(when)s, więc nic nie zostało rozstrzygnięte. Potrzeba: %(n)d.") % {
        "when": when,
        "n": quorum["needed"],
    }


def numbers(question: LiveQuestion) -> list[str]:
    """Who was there and how many voted, in short sentences."""
    result = question.result
    said = [ngettext("Oddano %(n)d głos", "Oddano %(n)d głosów", result["cast"]) % {"n": result["cast"]}]
    if question.majority != Majority.NONE:
        said.append(_("uprawnionych: %(n)d") % {"n": question.entitled})
        said.append(
            _("obecnych na początku: %(n)d, na końcu: %(m)d") % {"n": question.present_open, "m": question.present_close}
        )
        if result["quorum"]["needed"]:
            said.append(_("kworum: %(n)d") % {"n": result["quorum"]["needed"]})
        if result["needed"]:
            said.append(_("potrzebna liczba głosów: %(n)d") % {"n": result["needed"]})
    return said

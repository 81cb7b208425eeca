"""From the text of $filter and $orderby to its abstract syntax: a parser by descent, one method for each rank of operators."""

from __future__ import annotations

from django.utils.translation import gettext as _

from miasto.kernel.observations.sta.lexing import Token, tokens
from miasto.kernel.observations.sta.problems import Problem
from miasto.kernel.observations.sta.syntax import (
    ADDITIVE,
    COMPARISONS,
    MULTIPLICATIVE,
    Binary,
    Call,
    Kind,
    Literal,
    Member,
    Node,
    Not,
    Order,
    Path,
)

DEEPEST = 40


def parse_filter(text: str) -> Node:
    """The syntax of $filter. Raises ``Problem`` that says what and where."""
    parser = _Parser(text)
    node = parser.alternative()
    parser.ends()
    return node


def parse_orderby(text: str) -> tuple[Order, ...]:
    """The terms of $orderby. Raises ``Problem``."""
    parser = _Parser(text)
    terms = [parser.term()]
    while parser.takes("sign", ","):
        terms.append(parser.term())
    parser.ends()
    return tuple(terms)


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self.place = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def takes(self, what: str, *texts: str) -> Token | None:
        """The present token if it is such a one, and a step beyond it."""
        token = self.token
        if token.what != what or (texts and token.text not in texts):
            return None
        self.place += 1
        return token

    def demands(self, text: str) -> None:
        if not self.takes("sign", text):
            raise Problem(400, _("Brakuje znaku „%(sign)s”.") % {"sign": text}, self.token.at)

    def ends(self) -> None:
        if self.token.what != "end":
            raise Problem(400, _("Nie wiadomo, co znaczy tu „%(text)s”.") % {"text": self.token.text[:60]}, self.token.at)

    def term(self) -> Order:
        node = self.sum()
        way = self.token.text.lower() if self.token.what == "path" else ""
        if way in ("asc", "desc"):
            self.place += 1
        return Order(node, way == "desc")

    def alternative(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Problem(400, _("Wyrażenie ma za dużo nawiasów."), self.token.at)
        node = self.conjunction()
        while token := self.takes("word", "or"):
            node = Binary(op="or", left=node, right=self.conjunction(), at=token.at)
        self.depth -= 1
        return node

    def conjunction(self) -> Node:
        node = self.denial()
        while token := self.takes("word", "and"):
            node = Binary(op="and", left=node, right=self.denial(), at=token.at)
        return node

    def denial(self) -> Node:
        denials = []
        while token := self.takes("word", "not"):
            denials.append(token)
        if len(denials) > DEEPEST:
            raise Problem(400, _("Wyrażenie ma za dużo przeczeń."), denials[0].at)
        node = self.comparison()
        for token in reversed(denials):
            node = Not(operand=node, at=token.at)
        return node

    def comparison(self) -> Node:
        node = self.sum()
        if token := self.takes("word", *COMPARISONS):
            return Binary(op=token.text, left=node, right=self.sum(), at=token.at)
        if token := self.takes("word", "in"):
            self.demands("(")
            return Member(left=node, items=self.arguments(), at=token.at)
        return node

    def sum(self) -> Node:
        node = self.product()
        while token := self.takes("word", *ADDITIVE):
            node = Binary(op=token.text, left=node, right=self.product(), at=token.at)
        return node

    def product(self) -> Node:
        node = self.operand()
        while token := self.takes("word", *MULTIPLICATIVE):
            node = Binary(op=token.text, left=node, right=self.operand(), at=token.at)
        return node

    def operand(self) -> Node:
        token = self.token
        if self.takes("sign", "-"):
            return Binary(op="sub", left=Literal(kind=Kind.NUMBER, value=0), right=self.primary(), at=token.at)
        return self.primary()

    def primary(self) -> Node:
        token = self.token
        if self.takes("literal"):
            return Literal(kind=token.kind, value=token.value, at=token.at)
        if self.takes("path"):
            if self.takes("sign", "("):
                return Call(name=token.text.lower(), args=self.arguments(), at=token.at)
            return Path(steps=tuple(token.text.split("/")), at=token.at)
        if self.takes("sign", "("):
            node = self.alternative()
            self.demands(")")
            return node
        raise Problem(400, _("Tu brakuje własności, wartości albo funkcji."), token.at)

    def arguments(self) -> tuple[Node, ...]:
        if self.takes("sign", ")"):
            return ()
        found = [self.alternative()]
        while self.takes("sign", ","):
            found.append(self.alternative())
        self.demands(")")
        return tuple(found)

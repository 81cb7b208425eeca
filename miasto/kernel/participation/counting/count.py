"""Counts an election by a rule: the one entrance to the rules."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from miasto.kernel.participation.counting.equal_shares import Run
from miasto.kernel.participation.counting.gates import Gate
from miasto.kernel.participation.counting.greedy import Greedy
from miasto.kernel.participation.counting.market import Market, least_score, prepare
from miasto.kernel.participation.counting.model import Decision, Election, Payment, Result, Rule
from miasto.kernel.participation.counting.ties import tie_key


def count(election: Election, rule: Rule) -> Result:
    """The exact result. Raises ``CountingError`` where the rule cannot be applied to the election."""
    if rule.rule == "equal-shares":
        return _equal_shares(election, rule)
    return _greedy(election, rule)


def _greedy(election: Election, rule: Rule) -> Result:
    done = Greedy(election, rule, left=election.budget, per_cost=rule.rule == "greedy-votes-per-cost")
    return Result(election, rule, tuple(done.winners), _all_decisions(election, rule, done.decisions()))


def _equal_shares(election: Election, rule: Rule) -> Result:
    market, gate = prepare(election, rule), Gate.opened(election, rule)
    free = _free(election, rule, market, gate)
    decisions = [Decision(p, True, "free", order=place + 1, price=Fraction(0)) for place, p in enumerate(free)]
    if not election.ballots:
        share, runs, purchases, winners = Fraction(0), 0, (), list(free)
    else:
        run, runs = _last_run(election, rule, market, gate)
        share = run.share / election.scale
        purchases = tuple(Payment(p, run.price(number)) for number, p in enumerate(run.bought))
        winners = [*free, *run.bought]
        decisions += _bought(election, run, len(free) + 1)
        decisions += [_not_bought(run, p) for p in {*market.projects, *market.free} - {*run.bought, *free}]
    if rule.completion.endswith("greedy"):
        left = election.budget - sum(election.projects[p].cost for p in winners)
        more = Greedy(election, rule, left=left, per_cost=rule.utility == "cardinality", taken=winners)
        decisions = [one for one in decisions if one.won] + [_completed(one) for one in more.decisions(len(winners) + 1)]
        winners += more.winners
    result = Result(
        election, rule, tuple(winners), _all_decisions(election, rule, decisions), share=share, purchases=purchases, runs=runs
    )
    return _compared(result) if rule.completion.endswith("comparison") else result


def _free(election: Election, rule: Rule, market: Market, gate: Gate) -> list[int]:
    """The projects that cost nothing and have votes, in the order of the ties; they win first, and the gate knows them."""
    taken = []
    for p in sorted(market.free, key=tie_key(election, rule)):
        if gate.why_not(p) is None:
            gate.take(p)
            taken.append(p)
    return taken


def _not_bought(run: Run, p: int) -> Decision:
    """Why a project was not bought: what shuts it out at the end comes before the money of its voters."""
    shut, gate = run.gate.why_not(p), run.gate
    if shut is not None:
        return Decision(p, False, shut[0], missing_money=None if shut[1] is None else gate.missing(shut[1]))
    return Decision(p, False, "supporters-short", missing_money=(run.market.costs[p] - run.behind(p)) / gate.election.scale)


def _last_run(election: Election, rule: Rule, market: Market, gate: Gate) -> tuple[Run, int]:
    """The run that counts, and how many were made.

    Add-one raises every share by ``step`` until the next purchases would cost more than there is, or until nothing that
    somebody voted for fits into what is left (https://equalshares.net/implementation/computation/).
    """
    tie, by_cost = tie_key(election, rule), rule.utility == "cost"
    share = Fraction(election.budget, election.ballots)
    step, runs = rule.step * election.scale, 1
    adding = rule.completion.startswith("add-one")
    if adding and rule.start == "whole":
        share = share // step * step
    run = Run(market, share, by_cost, gate.copy())
    run.all_rounds(tie)
    while adding:
        left = election.budget - sum(market.costs[p] for p in run.bought)
        others = set(market.projects) - set(run.bought)
        if all(market.costs[p] > left or run.gate.why_not(p) is not None for p in others):
            break
        runs += 1
        following = Run(market, run.share + step, by_cost, gate.copy())
        if not following.all_rounds(tie, limit=election.budget):
            break
        run = following
    return run, runs


def _bought(election: Election, run: Run, first: int) -> list[Decision]:
    scale = Fraction(election.points_scale, election.scale)
    return [
        Decision(p, True, "shared", order=first + number, price=run.price(number) * scale, tied=tuple(sorted(run.tied[number])))
        for number, p in enumerate(run.bought)
    ]


def _completed(one: Decision) -> Decision:
    """A decision of the greedy completion: further votes would also have changed the purchases, so none are told."""
    return replace(one, reason="won-greedy" if one.won else one.reason, missing_votes=None, tied=())


def _all_decisions(election: Election, rule: Rule, made: list[Decision]) -> tuple[Decision, ...]:
    """One decision for each project, in file order, with those that were not counted at all."""
    found = {one.project: one for one in made}
    least, scale = least_score(election, rule), election.points_scale
    for p, score in enumerate(election.scores):
        if p in found:
            continue
        if score < least:
            short = Fraction(-((score - least) // 1), scale)
            found[p] = Decision(p, False, "below-threshold", missing_votes=short)
        else:
            found[p] = Decision(p, False, "no-votes")
    return tuple(found[p] for p in range(len(election.projects)))


def _compared(result: Result) -> Result:
    """Keeps equal shares unless more voters prefer the greedy result, that is see more of their projects win in it."""
    election = result.election
    other = _greedy(election, replace(result.rule, rule="greedy-votes", completion="none"))
    mine, theirs = (_supported(election, one.winners) for one in (result, other))
    prefer = (int((mine > theirs).sum()), int((theirs > mine).sum()))
    if prefer[1] <= prefer[0]:
        return replace(result, prefer=prefer)
    return replace(result, winners=other.winners, decisions=other.decisions, purchases=(), prefer=prefer)


def _supported(election: Election, winners: tuple[int, ...]) -> np.ndarray:
    won = np.zeros(len(election.projects) + 1, dtype=np.float64)
    won[list(winners)] = 1
    weights = won[election.chosen] * (election.points > 0)
    return np.bincount(election.owner, weights=weights, minlength=election.ballots)

#!/usr/bin/env python3
"""Recount it yourself: repeats the result of a participatory budget from its ``.pb`` file.

    python3 recount.py FILE.pb                                                           # by the rule that the file names
    python3 recount.py FILE.pb --rule equal-shares --completion add-one-greedy [--json]

Needs Python 3.9 or newer and nothing else. Every number is a whole number or an exact fraction; nothing is rounded before it
is compared. The format of the file: https://pabulib.org/format. The method of equal shares: https://equalshares.net.
"""

import argparse
import csv
import hashlib
import io
import json
import math
import re
import sys
from fractions import Fraction

RULES = ["greedy-votes", "greedy-votes-per-cost", "equal-shares", "file"]
COMPLETIONS = ["none", "greedy", "add-one", "add-one-greedy", "add-one-comparison", "comparison"]
FILE_RULES = {  # what the standard's field "rule" means: (rule, completion, what is done with a project that does not fit)
    "greedy": ("greedy-votes", "none", "skip"),
    "greedy-threshold": ("greedy-votes", "none", "skip"),
    "greedy-no-skip": ("greedy-votes", "none", "stop"),
    "greedy-exclusive": ("greedy-votes", "none", "skip"),
    "equalshares": ("equal-shares", "none", "skip"),
    "equalshares-comparison": ("equal-shares", "comparison", "skip"),
    "equalshares/add1": ("equal-shares", "add-one", "skip"),
    "equalshares/add1-comparison": ("equal-shares", "add-one-comparison", "skip"),
}
WORDS = {
    "pl": {
        "won": "wygrywa: zmieścił się w puli, gdy przyszła jego kolej",
        "won-greedy": "wygrywa przy uzupełnianiu: zmieścił się w pieniądzach, które zostały",
        "shared": "wygrywa: głosujący na niego złożyli się na cały koszt ze swoich części puli",
        "free": "wygrywa: nic nie kosztuje i ma głosy",
        "below-threshold": "nie osiągnął najmniejszej wymaganej liczby głosów",
        "does-not-fit": "nie zmieścił się w pieniądzach, które zostały, gdy przyszła jego kolej",
        "above-budget": "kosztuje więcej, niż jest w całej puli",
        "pool-full": "nie zmieścił się w limicie swojej kategorii",
        "excluded": "wygrał wcześniej projekt, z którym się wyklucza",
        "stopped": "liczenie zakończył wcześniej projekt, który się nie zmieścił",
        "supporters-short": "głosującym na niego zabrakło pieniędzy z ich części puli",
        "no-votes": "nikt na niego nie głosował",
    },
    "en": {
        "won": "wins: it fitted into the money left when its turn came",
        "won-greedy": "wins in the completion: it fitted into the money that was left",
        "shared": "wins: its voters paid the whole cost from their shares of the money",
        "free": "wins: it costs nothing and has votes",
        "below-threshold": "did not reach the least number of votes",
        "does-not-fit": "did not fit into the money left when its turn came",
        "above-budget": "costs more than all the money",
        "pool-full": "did not fit into the limit of its category",
        "excluded": "a project that excludes it had won before",
        "stopped": "the count had ended with a project that did not fit",
        "supporters-short": "its voters had not enough left of their shares",
        "no-votes": "nobody voted for it",
    },
}


class WrongFile(Exception):
    """The file or the parameters cannot be used; the text says why."""


# --- reading -----------------------------------------------------------------------------------------------------------


def number(text):
    """An exact number from ``12``, ``12.50`` or ``12,50``."""
    if not re.fullmatch(r"[+-]?\d+([.,]\d+)?", text.strip()):
        raise WrongFile("to nie jest liczba: " + text)
    return Fraction(text.strip().replace(",", "."))


def sections(data):
    """The three parts of the file, each a list of dicts of its columns."""
    parts, heads, section = {"META": [], "PROJECTS": [], "VOTES": []}, {}, None
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"):
        cells = [cell.strip() for cell in row]
        if not any(cells) and len(cells) < 2:
            continue
        if cells[0].upper() in parts and not any(cells[1:]):
            section = cells[0].upper()
        elif section is None:
            raise WrongFile("plik nie zaczyna się od META")
        elif section not in heads:
            heads[section] = cells
        elif len(cells) != len(heads[section]):
            raise WrongFile("wiersz o złej liczbie pól: " + ";".join(row))
        else:
            parts[section].append(dict(zip(heads[section], cells)))
    return parts


def read(data):
    """``(meta, projects, ballots, unit)``: a ballot is ``[(project, points), ...]`` in whole numbers; ``unit`` is one point."""
    parts = sections(data)
    meta = {row["key"]: row["value"] for row in parts["META"]}
    projects = [dict(row, id=row["project_id"], cost=number(row["cost"])) for row in parts["PROJECTS"]]
    index = {project["id"]: place for place, project in enumerate(projects)}
    ballots = [ballot(row, meta, index) for row in parts["VOTES"]]
    for key, counted in (("num_projects", len(projects)), ("num_votes", len(ballots))):
        if key in meta and number(meta[key]) != counted:
            raise WrongFile(key + " nie zgadza się z plikiem")
    unit = 1
    while any((points * unit).denominator != 1 for marks in ballots for _p, points in marks):
        unit *= 10
    ballots = [[(p, int(points * unit)) for p, points in marks] for marks in ballots]
    default = int(number(meta.get("default_score", "0")) * unit) if meta["vote_type"] == "scoring" else 0
    for project in projects:
        project.update(votes=0, score=default * len(ballots))
    for marks in ballots:
        for p, points in marks:
            projects[p]["votes"] += 1
            projects[p]["score"] += points - default
    return meta, projects, ballots, unit


def ballot(row, meta, index):
    """One ballot. Approval gives each project 1; places without points are counted as Borda (the standard's default)."""
    names = [name.strip() for name in row["vote"].split(",")] if row["vote"] else []
    if len(set(names)) != len(names) or not all(name in index for name in names):
        raise WrongFile("nieznany projekt albo projekt podany dwa razy: " + row["vote"])
    kind = meta["vote_type"]
    if kind in ("approval", "choose-1"):
        points = [Fraction(1)] * len(names)
    elif "points" in row or kind != "ordinal":
        points = [number(text) for text in row["points"].split(",")] if row["points"] else []
    else:
        longest = int(meta.get("max_length", len(index)))
        points = [Fraction(max(longest - place, 0)) for place in range(len(names))]
    if len(points) != len(names):
        raise WrongFile("liczba punktów nie zgadza się z liczbą projektów: " + row["vote"])
    return [(index[name], given) for name, given in zip(names, points)]


# --- greedy rules ------------------------------------------------------------------------------------------------------


def by_number(text):
    """Sorts ``2`` before ``10`` and ``A2`` before ``A10``."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", text) if part], text


def tie_key(rule, projects, p):
    """Smaller comes first. What is still equal after the rule's own list is decided by the lower number."""
    values = {
        "lower-cost": lambda: projects[p]["cost"],
        "higher-cost": lambda: -projects[p]["cost"],
        "more-votes": lambda: -projects[p]["votes"],
        "lower-number": lambda: by_number(projects[p]["id"]),
        "drawn": lambda: rule["drawn"].index(projects[p]["id"]),
    }
    return [values[name]() for name in rule["ties"]] + [by_number(projects[p]["id"])]


def strength(rule, project, per_cost, more=0):
    """What the greedy order compares: ``(1, 0)`` is the strongest (free), else points, or points for each unit of cost."""
    if not per_cost:
        return (0, project["score"] + more)
    return (0, (project["score"] + more) / project["cost"]) if project["cost"] else (1, 0)  # a cost is a Fraction


def take(rule, project, pools, won):
    """The project wins: its pool pays, and those that it excludes are out."""
    won.add(project["id"])
    pool = project.get(rule["pool_column"], "")
    if pool in pools:
        pools[pool] -= project["cost"]


def why_not(rule, project, left, pools, won):
    """The reason why the project cannot be taken now, and the money that it misses; ``None`` where it can."""
    if any(project["id"] in group and won & set(group) for group in rule["exclusive"]):
        return "excluded", None
    pool = pools.get(project.get(rule["pool_column"], ""))
    if pool is not None and project["cost"] > pool:
        return "pool-full", project["cost"] - pool
    if project["cost"] > left:
        return "does-not-fit", project["cost"] - left
    return None


def greedy(rule, projects, budget, left, per_cost, taken=()):
    """Goes through the projects from the strongest and takes what fits into ``left``. Returns ``(winners, told)``.

    ``told`` says for each project of the order the reason, the missing money and points, and the projects equal to it.
    """
    order = [p for p in range(len(projects)) if p not in taken and projects[p]["score"] >= rule["least"]]
    order.sort(key=lambda p: tie_key(rule, projects, p))
    order.sort(key=lambda p: strength(rule, projects[p], per_cost), reverse=True)
    pools, won, stopped = dict(rule["pools"]), set(), False
    for p in taken:
        take(rule, projects[p], pools, won)
    winners, losers, states = [], {}, []
    for place, p in enumerate(order):
        if stopped:
            losers[p] = ("stopped", None)
            continue
        states.append((place, left, dict(pools), set(won)))
        reason = why_not(rule, projects[p], left, pools, won)
        if reason:
            losers[p] = reason
            stopped = rule["too_dear"] == "stop" and reason[0] != "excluded"
            continue
        winners.append(p)
        take(rule, projects[p], pools, won)
        left -= projects[p]["cost"]
    told = {p: {"reason": "won"} for p in winners}
    for p, (reason, money) in losers.items():
        if projects[p]["cost"] > budget:
            told[p] = {"reason": "above-budget", "money": projects[p]["cost"] - budget}
        else:
            told[p] = {"reason": reason, "money": money, "votes": missing_votes(rule, projects, p, order, states, per_cost)}
    for p, decision in told.items():
        if decision["reason"] != "above-budget":
            mine = strength(rule, projects[p], per_cost)
            decision["tied"] = [q for q in order if q != p and strength(rule, projects[q], per_cost) == mine]
    return winners, told


def missing_votes(rule, projects, p, order, states, per_cost):
    """How many more points would have put ``p`` before the last place at which it still could be taken."""
    me = order.index(p)
    for place, left, pools, won in reversed(states):
        if place > me or order[place] == p or why_not(rule, projects[p], left, pools, won):
            continue
        other = projects[order[place]]
        if per_cost and not other["cost"]:
            return None
        level = other["score"] * (projects[p]["cost"] / other["cost"] if per_cost else 1)
        more = max(math.ceil(level - projects[p]["score"]), 0)
        equal = strength(rule, projects[p], per_cost, more) == strength(rule, other, per_cost)
        if equal and tie_key(rule, projects, p) > tie_key(rule, projects, order[place]):
            more += 1
        return more
    return None


# --- the method of equal shares ----------------------------------------------------------------------------------------


def equal_shares(rule, projects, groups, share, limit=None):
    """Each voter gets ``share``; again and again the project is bought whose voters get the most for what they pay.

    ``groups``: ``(ballot, how many voters cast it)``. Returns ``(purchases, losers)`` with purchases ``(project, price of a
    point, tied projects)`` and losers ``{project: (reason, missing money)}``; ``None`` as soon as the purchases cost more than
    ``limit``. Money is kept in whole numbers of ``1 / unit``; ``unit`` grows when somebody pays a fraction.
    """
    unit, money, voters = share.denominator, [share.numerator] * len(groups), {}
    for g, (marks, many) in enumerate(groups):
        for p, points in marks:
            if points > 0 and projects[p]["score"] >= rule["least"]:
                voters.setdefault(p, []).append((g, points, many))
    pools, won, spent = dict(rule["pools"]), set(), Fraction(0)
    bought = free_first(rule, projects, voters, pools, won)
    lower = {p: Fraction(0) for p in voters if projects[p]["cost"] > 0}
    while True:
        for p in [p for p in lower if why_not(rule, projects[p], math.inf, pools, won)]:
            del lower[p]
        equal = cheapest(rule, projects, voters, money, unit, lower)
        if not equal:
            losers = set(voters) - {one[0] for one in bought}
            short = {p: projects[p]["cost"] - Fraction(money_of(voters[p], money), unit) for p in losers}
            shut = {p: why_not(rule, projects[p], math.inf, pools, won) for p in losers}
            return bought, {p: shut[p] or ("supporters-short", short[p]) for p in losers}
        p, price = min(equal, key=lambda one: tie_key(rule, projects, one[0]))
        bought.append((p, price / unit, [one for one, _price in equal if one != p]))
        take(rule, projects[p], pools, won)
        del lower[p]
        spent += projects[p]["cost"]
        if limit is not None and spent > limit:
            return None
        unit *= price.denominator
        money = [one * price.denominator for one in money]
        for g, points, _many in voters[p]:
            money[g] -= min(money[g], points * price.numerator)


def free_first(rule, projects, voters, pools, won):
    """The purchases of projects that cost nothing and have votes, in the order of the ties."""
    bought = []
    for p in sorted((p for p in voters if projects[p]["cost"] == 0), key=lambda p: tie_key(rule, projects, p)):
        if not why_not(rule, projects[p], 0, pools, won):
            take(rule, projects[p], pools, won)
            bought.append((p, Fraction(0), []))
    return bought


def cheapest(rule, projects, voters, money, unit, lower):
    """``[(project, price of a point), ...]``: the projects that cost their voters the least for what they get.

    ``lower`` holds the last known price of each project: prices only rise while money is spent, so a project whose last price
    is already too high need not be computed. Projects that their voters cannot pay any more are dropped from it.
    """
    best, equal = None, []
    for p in sorted(lower, key=lambda p: lower[p]):
        if best is not None and lower[p] > best:
            break
        price = price_of(projects[p]["cost"] * unit, voters[p], money)
        if price is None:
            del lower[p]
            continue
        lower[p] = price / unit / (projects[p]["cost"] if rule["utility"] == "cost" else 1)
        if best is None or lower[p] < best:
            best, equal = lower[p], []
        if lower[p] == best:
            equal.append((p, price))
    return equal


def money_of(voters, money):
    """What the voters of a project have left together."""
    return sum(money[g] * many for g, _points, many in voters)


def price_of(cost, voters, money):
    """The price of a point at which the voters just pay ``cost``, those with too little giving all; ``None``: they cannot.

    Starts as if everybody could pay and counts those who cannot as poor until nobody new is poor.
    """
    if money_of(voters, money) < cost:
        return None
    rich = voters
    while True:
        price = Fraction(cost, sum(points * many for _g, points, many in rich))
        up, down = price.numerator, price.denominator
        still = [one for one in rich if money[one[0]] * down >= up * one[1]]
        if len(still) == len(rich):
            return price
        cost -= sum(one[2] * money[one[0]] for one in rich if money[one[0]] * down < up * one[1])
        rich = still


def add_one(rule, projects, groups, voters, budget):
    """Raises everybody's share by one step until the next purchases would cost more than there is. ``(run, share, runs)``."""
    share = budget / voters
    if rule["start"] == "whole":
        share = share // rule["step"] * rule["step"]
    runs, run = 1, equal_shares(rule, projects, groups, share)
    voted = {p for marks, _many in groups for p, points in marks if points > 0 and projects[p]["score"] >= rule["least"]}
    while True:
        won = {p for p, _price, _tied in run[0]}
        left = budget - sum(projects[p]["cost"] for p in won)
        shut = {p for p, (reason, _money) in run[1].items() if reason != "supporters-short"}
        if all(projects[p]["cost"] > left for p in voted - won - shut):
            return run, share, runs
        runs += 1
        following = equal_shares(rule, projects, groups, share + rule["step"], budget)
        if following is None:
            return run, share, runs
        run, share = following, share + rule["step"]


def count_equal_shares(rule, projects, ballots, budget):
    """``(winners, {project: decision}, further fields of the result)``."""
    same = {}
    for marks in ballots:
        key = tuple(sorted(marks))
        same[key] = same.get(key, 0) + 1
    groups, completion = list(same.items()), rule["completion"]
    if not ballots:
        run, share, runs = ([], {}), Fraction(0), 0
    elif completion.startswith("add-one"):
        run, share, runs = add_one(rule, projects, groups, len(ballots), budget)
    else:
        share, runs = budget / len(ballots), 1
        run = equal_shares(rule, projects, groups, share)
    winners = [p for p, _price, _tied in run[0]]
    told = {p: {"reason": "shared" if price else "free", "price": price, "tied": tied} for p, price, tied in run[0]}
    told.update({p: {"reason": reason, "money": money} for p, (reason, money) in run[1].items()})
    if completion.endswith("greedy"):
        left = budget - sum(projects[p]["cost"] for p in winners)
        more, others = greedy(rule, projects, budget, left, rule["utility"] == "cardinality", set(winners))
        for p, one in others.items():
            told[p] = {"reason": "won-greedy" if p in more else one["reason"], "money": one.get("money")}
        winners += more
    further = {"share": share, "runs": runs, "prefer": None}
    if completion.endswith("comparison"):
        other, others = greedy(rule, projects, budget, budget, False)
        theirs = [
            [sum(points > 0 and p in set(chosen) for p, points in marks) for marks in ballots] for chosen in (winners, other)
        ]
        further["prefer"] = [sum(a > b for a, b in zip(*theirs)), sum(b > a for a, b in zip(*theirs))]
        if further["prefer"][1] > further["prefer"][0]:
            return other, others, further
    return winners, told, further


# --- the result --------------------------------------------------------------------------------------------------------


def money_out(value, up=False):
    """Money for people and JSON: whole where it is whole, else to two places (``up``: never too little)."""
    if value is None or value.denominator == 1:
        return None if value is None else int(value)
    cents = math.ceil(value * 100) if up else math.floor(value * 100 + Fraction(1, 2))
    return cents / 100


def points_out(value, unit):
    """Points for people and JSON, from whole numbers of ``1 / unit``."""
    return None if value is None else money_out(Fraction(value, unit))


def count(data, rule, language="pl"):
    """The whole result as a dict for JSON."""
    meta, projects, ballots, unit = read(data)
    budget = number(meta["budget"])
    rule = from_file(rule, meta) if rule["rule"] == "file" else dict(rule)
    if rule["rule"] == "equal-shares" and number(meta.get("default_score", "0")):
        raise WrongFile("metody równych udziałów nie da się liczyć z polem default_score")
    if "drawn" in rule["ties"] and set(rule["drawn"]) != {project["id"] for project in projects}:
        raise WrongFile("wylosowana kolejność musi wymienić każdy projekt raz")
    rule["least"] = rule["min_score"] * unit if rule["min_score"] else -math.inf
    further = {"share": None, "runs": 0, "prefer": None}
    if rule["rule"] == "equal-shares":
        winners, told, further = count_equal_shares(rule, projects, ballots, budget)
    else:
        winners, told = greedy(rule, projects, budget, budget, rule["rule"].endswith("cost"))
    for p, project in enumerate(projects):
        if p not in told:
            short = project["score"] < rule["least"]
            told[p] = {"reason": "below-threshold" if short else "no-votes"}
            if short:
                told[p]["votes"] = math.ceil(rule["least"] - project["score"])
    selected = {one["id"] for one in projects if one["selected"] == "1"} if projects and "selected" in projects[0] else None
    cost = sum((projects[p]["cost"] for p in winners), Fraction(0))
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "rule": rule["rule"],
        "completion": rule["completion"],
        "parameters": parameters(rule),
        "vote_type": meta["vote_type"],
        "ballots": len(ballots),
        "budget": money_out(budget),
        "winners": [projects[p]["id"] for p in winners],
        "cost": money_out(cost),
        "left": money_out(budget - cost),
        "as_in_file": None if selected is None else selected == {projects[p]["id"] for p in winners},
        "share": None if further["share"] is None else str(further["share"]),
        "runs": further["runs"],
        "prefer": dict(zip(["equal_shares", "greedy"], further["prefer"])) if further["prefer"] else None,
        "projects": [project_out(projects, p, told[p], winners, unit, WORDS[language]) for p in range(len(projects))],
    }


def project_out(projects, p, told, winners, unit, words):
    """One project of the result."""
    price = told.get("price")
    return {
        "id": projects[p]["id"],
        "name": projects[p].get("name", ""),
        "cost": money_out(projects[p]["cost"]),
        "votes": projects[p]["votes"],
        "score": points_out(projects[p]["score"], unit),
        "won": p in winners,
        "order": winners.index(p) + 1 if p in winners else None,
        "price": money_out(price * unit) if price is not None else None,
        "price_exact": str(price * unit) if price is not None else None,
        "tied": [projects[one]["id"] for one in sorted(told.get("tied", []))],
        "reason": told["reason"],
        "words": words[told["reason"]],
        "missing_votes": points_out(told.get("votes"), unit),
        "missing_money": money_out(told.get("money"), up=True),
    }


def parameters(rule):
    """The parameters that the count used, for JSON."""
    return {
        "utility": rule["utility"],
        "ties": rule["ties"],
        "drawn": rule["drawn"],
        "min_score": money_out(rule["min_score"]),
        "too_dear": rule["too_dear"],
        "step": str(rule["step"]),
        "start": rule["start"],
        "pool_column": rule["pool_column"],
        "pools": {name: money_out(limit) for name, limit in rule["pools"].items()},
        "exclusive": rule["exclusive"],
    }


def from_file(rule, meta):
    """The rule that META names, in fields ``count_...`` or the standard's own. ``WrongFile`` where it does not say enough."""
    threshold = max(number(meta.get("min_project_score_threshold", "0")), rule["min_score"])
    if meta.get("count_rule"):
        return dict(published(meta), min_score=threshold)
    name = meta.get("rule", "")
    if name not in FILE_RULES:
        raise WrongFile(f"reguły „{name}” z pliku nie da się powtórzyć; znane: {', '.join(FILE_RULES)}")
    if name == "greedy-threshold" and "min_project_score_threshold" not in meta:
        raise WrongFile("reguła „greedy-threshold” wymaga pola „min_project_score_threshold”")
    if name == "greedy-exclusive" and not rule["exclusive"]:
        raise WrongFile("plik nie mówi, które projekty się wykluczają; proszę podać --exclusive NUMER,NUMER")
    chosen, completion, too_dear = FILE_RULES[name]
    return dict(rule, rule=chosen, completion=completion, too_dear=too_dear, min_score=threshold)


def published(meta):
    """The rule from the fields ``count_...`` of META. Raises ``WrongFile`` for a value that does not exist."""
    asked = ["x", "--rule", meta["count_rule"]]
    for name in ("completion", "utility", "ties", "drawn", "too_dear", "step", "start", "pool_column"):
        if "count_" + name in meta:
            asked.append("--" + name.replace("_", "-") + "=" + meta["count_" + name])
    for option, name in (("--pool", "count_pools"), ("--exclusive", "count_exclusive")):
        asked += [option + "=" + one for one in meta.get(name, "").split("|") if one]
    parser = arguments("META")
    parser.error = unreadable
    if meta["count_rule"] not in RULES[:3]:
        unreadable("count_rule")
    return rule_of(parser.parse_args(asked))


def unreadable(words):
    """Says of the file what the command line would say of itself."""
    raise WrongFile("nie da się odczytać reguły z pliku: " + words)


def arguments(program):
    """The command line; the same for this script and for the platform's command."""
    parser = argparse.ArgumentParser(prog=program, description="Liczy głosy z pliku .pb i mówi, co wygrało i dlaczego.")
    add = parser.add_argument
    add("file", metavar="FILE.pb")
    add("--rule", choices=RULES, default="file", help="reguła (file: ta, którą podaje plik)")
    add("--completion", choices=COMPLETIONS, default="none", help="co dalej z pieniędzmi, które zostały (equal-shares)")
    add("--utility", choices=["cost", "cardinality"], default="cost", help="co głosujący ma ze zwycięskiego projektu")
    add("--ties", default="lower-cost,more-votes,lower-number", help="co rozstrzyga remisy, po kolei")
    add("--drawn", default="", help="wylosowana kolejność projektów (dla „drawn” w --ties)")
    add("--min-score", default="0", help="najmniejsza liczba głosów (punktów)")
    add("--too-dear", choices=["skip", "stop"], default="skip", help="projekt, który się nie mieści: pominąć czy skończyć")
    add("--step", default="1", help="o ile „add-one” podnosi udział każdego głosującego")
    add("--start", choices=["exact", "whole"], default="exact", help="„add-one” zaczyna od udziału co do grosza czy złotego")
    add("--pool-column", default="category", help="kolumna projektów, której dotyczy --pool")
    add("--pool", action="append", default=[], metavar="NAZWA=KWOTA", help="ile najwyżej mogą kosztować projekty kategorii")
    add("--exclusive", action="append", default=[], metavar="NUMER,NUMER", help="projekty, z których wygrać może jeden")
    add("--json", action="store_true", help="wynik jako JSON")
    add("--lang", choices=sorted(WORDS), default="pl", help="język objaśnień")
    return parser


def rule_of(options):
    """The rule that the command line asks for, as a dict."""
    pools = [text.rpartition("=") for text in options.pool]
    return {
        "rule": options.rule,
        "completion": options.completion,
        "utility": options.utility,
        "ties": [name for name in options.ties.split(",") if name],
        "drawn": [name for name in options.drawn.split(",") if name],
        "min_score": number(options.min_score),
        "too_dear": options.too_dear,
        "step": number(options.step),
        "start": options.start,
        "pool_column": options.pool_column,
        "pools": {name: number(limit) for name, _sign, limit in pools},
        "exclusive": [group.split(",") for group in options.exclusive],
    }


def table(result):
    """The result for people: two lines for each project, winners first in the order of winning."""
    lines = [f"{result['rule']}, {result['completion']}; głosów: {result['ballots']}; pula: {result['budget']}"]
    rows = sorted(result["projects"], key=lambda one: (not one["won"], one["order"] or 0, -one["score"]))
    width = max([len(one["id"]) for one in rows] + [2])
    for one in rows:
        missing = [
            f"{words}: {one[key]}"
            for key, words in (("missing_votes", "zabrakło głosów"), ("missing_money", "zabrakło złotych"))
            if one[key] is not None
        ]
        mark = f"{one['order']:3d}." if one["won"] else "   –"
        lines.append(f"{mark} {one['id']:{width}} {one['cost']:>12} {one['score']:>9}  {one['name'][:60]}")
        lines.append(" " * (width + 6) + one["words"] + (f" ({', '.join(missing)})" if missing else ""))
    same = {None: "", True: "; tak jak w pliku", False: "; INACZEJ niż w pliku"}[result["as_in_file"]]
    lines.append(f"wygrywa: {len(result['winners'])}; koszt: {result['cost']}; zostaje: {result['left']}{same}")
    return "\n".join(lines)


def main():
    """Counts the file named on the command line. Ends with 2 and a sentence where it cannot."""
    options = arguments("recount.py").parse_args()
    try:
        with open(options.file, "rb") as file:
            result = count(file.read(), rule_of(options), options.lang)
    except (OSError, WrongFile, KeyError, ValueError, csv.Error) as wrong:
        print(f"{options.file}: {wrong}", file=sys.stderr)
        return 2
    print(json.dumps(result, ensure_ascii=False, indent=2) if options.json else table(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())

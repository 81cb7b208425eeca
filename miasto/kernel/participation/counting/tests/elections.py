"""Random small elections: ties, equal costs, free and unaffordable projects, empty ballots, fractions of money and points."""

from fractions import Fraction

from hypothesis import strategies as st

from .shared import pb

COSTS = st.one_of(st.integers(0, 12), st.sampled_from([10, 10, 20, 50, 300]), st.sampled_from(["2.50", "0.10", "7,5"]))
BUDGETS = st.one_of(st.integers(0, 60), st.sampled_from(["12.50", 100, 1000]))
COMPLETIONS = ["none", "greedy", "add-one", "add-one-greedy", "add-one-comparison", "comparison"]
TIES = st.permutations(["lower-cost", "more-votes", "lower-number"]) | st.sampled_from([["higher-cost"], ["drawn"], []])


@st.composite
def elections(draw, kinds=("approval", "cumulative", "ordinal", "scoring")):
    """(bytes of a file, ids of its projects)."""
    costs = draw(st.lists(COSTS, min_size=1, max_size=6))
    ids = [f"P{number}" for number in range(1, len(costs) + 1)]
    kind = draw(st.sampled_from(kinds))
    votes = []
    for _voter in range(draw(st.integers(0, 8))):
        chosen = draw(st.lists(st.sampled_from(ids), unique=True, max_size=len(ids)))
        given_points = draw(st.lists(points_of(kind), min_size=len(chosen), max_size=len(chosen)))
        votes.append(
            ",".join(chosen) if kind in ("approval", "ordinal") else (",".join(chosen), ",".join(map(str, given_points)))
        )
    votes += votes[: draw(st.integers(0, 3))]
    data = pb(
        list(zip(ids, costs, strict=True)),
        votes,
        budget=draw(BUDGETS),
        vote_type=kind,
        points=kind in ("cumulative", "scoring"),
    )
    return data, ids


def points_of(kind):
    """Points that such a ballot may give."""
    if kind == "scoring":
        return st.sampled_from([-1, 0, 1, 2, 3])
    return st.sampled_from([0, 1, 1, 2, 3, "0.5"])


@st.composite
def rules(draw, ids, names=("greedy-votes", "greedy-votes-per-cost", "equal-shares")):
    """The parameters as the command line gives them to both counts."""
    name = draw(st.sampled_from(names))
    shares = name == "equal-shares"
    return {
        "rule": name,
        "completion": draw(st.sampled_from(COMPLETIONS)) if shares else "none",
        "utility": draw(st.sampled_from(["cost", "cardinality"])),
        "ties": list(draw(TIES)),
        "drawn": list(draw(st.permutations(ids))),
        "min_score": Fraction(draw(st.sampled_from([0, 0, 1, 2]))),
        "too_dear": "skip" if shares else draw(st.sampled_from(["skip", "stop"])),
        "step": draw(st.sampled_from([Fraction(1), Fraction(1), Fraction(1, 3), Fraction(5)])),
        "start": draw(st.sampled_from(["whole", "exact"])),
        "pool_column": "category",
        "pools": draw(st.sampled_from([{}, {}, {"a": Fraction(10)}, {"a": Fraction(5), "b": Fraction(20)}])),
        "exclusive": draw(st.sampled_from([[], [], [ids[:2]], [ids[:2], ids[1:3]]])),
    }

"""Training: from the city's own cases and the words of its categories to a model. scikit-learn is imported here, inside."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from miasto.modules.contact_centre.likeness.features import features
from miasto.modules.contact_centre.likeness.linear import LinearModel, softmax
from miasto.modules.contact_centre.likeness.measuring import Figures, measure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEWEST_EXAMPLES = 200
RARE = 5
ROUNDS = 15
STRENGTH = 1e-5
CORRECTION_WEIGHT = 2.0
CATALOGUE_WEIGHT = 2.0
HELD_OUT, CALIBRATED = 0.2, 0.1
DOUBT = 0.01  # with 0.05 the probabilities were 20 points too low; docs/contact_centre.md has the table
SILENCE = 0.1
Progress = Callable[[int], None]


class TooFew(ValueError):
    """There are not enough cases to learn from."""


@dataclass(frozen=True)
class Example:
    """A text with the category that it was given in the end. A ``corrected`` one was first filed under another."""

    text: str
    category: str
    corrected: bool = False


@dataclass(frozen=True)
class Learned:
    """What came of a training: the model trained on everything, and the figures of its twin that had not seen the newest part.

    ``twin`` is that twin; ``held_out`` the examples on which it was measured.
    """

    model: LinearModel
    twin: LinearModel
    figures: Figures
    held_out: list[Example]


def learn(examples: Sequence[Example], catalogue: Sequence[Example], progress: Progress = lambda _percent: None) -> Learned:
    """Train on ``examples`` (oldest first) and on the words of the categories; raises ``TooFew``.

    The newest ``HELD_OUT`` share is kept for measuring, the ``CALIBRATED`` share before it for calibration; then the model is
    trained once more on everything. ``progress`` is told percents and may raise to stop.
    """
    if len(examples) < FEWEST_EXAMPLES:
        raise TooFew(f"{len(examples)} examples; at least {FEWEST_EXAMPLES} are needed")
    read = [features(one.text) for one in examples]
    words = [features(one.text) for one in catalogue]
    progress(10)
    measured_from = int(len(examples) * (1 - HELD_OUT))
    trained_to = int(len(examples) * (1 - HELD_OUT - CALIBRATED))
    twin = _fit(examples[:trained_to], read[:trained_to], catalogue, words, lambda done: progress(10 + done * 35 // 100))
    twin = calibrated(twin, examples[trained_to:measured_from])
    progress(50)
    held_out = list(examples[measured_from:])
    figures = measure(lambda text: twin.best(text, 3), [(one.text, one.category) for one in held_out], silence=twin.silence)
    progress(55)
    whole = _fit(examples, read, catalogue, words, lambda done: progress(55 + done * 40 // 100))
    model = _with(whole, temperature=twin.temperature, silence=twin.silence)
    progress(95)
    return Learned(model, twin, figures, held_out)


def _fit(
    examples: Sequence[Example],
    read: Sequence[frozenset[str]],
    catalogue: Sequence[Example],
    words: Sequence[frozenset[str]],
    progress: Progress,
) -> LinearModel:
    """Fit one model: logistic regressions, one for each category against the others, by stochastic gradient steps."""
    import numpy as np
    from sklearn.linear_model import SGDClassifier

    terms, idf = _vocabulary(read, words)
    matrix = _matrix([*read, *words], terms, idf)
    wanted = np.array([one.category for one in (*examples, *catalogue)])
    weights = [CORRECTION_WEIGHT if one.corrected else 1.0 for one in examples] + [CATALOGUE_WEIGHT] * len(catalogue)
    classes = np.unique(wanted)
    if len(classes) < 2:
        raise TooFew("all examples are of one category")
    fitted = SGDClassifier(loss="log_loss", alpha=STRENGTH, random_state=1, tol=None)
    dice = np.random.default_rng(1)
    share = np.array(weights)
    for done in range(ROUNDS):
        order = dice.permutation(len(wanted))
        fitted.partial_fit(matrix[order], wanted[order], classes=classes, sample_weight=share[order])
        progress(100 * (done + 1) // ROUNDS)
    coefficients, bias = fitted.coef_, fitted.intercept_
    if len(classes) == 2:
        coefficients, bias = np.vstack([-coefficients, coefficients]), np.concatenate([-bias, bias])
    return LinearModel(
        categories=tuple(str(one) for one in classes),
        terms=terms,
        idf=idf,
        weights=np.ascontiguousarray(coefficients.T, dtype=np.float32),
        bias=bias.astype(np.float32),
    )


def _vocabulary(read: Sequence[frozenset[str]], words: Sequence[frozenset[str]]) -> tuple[dict[str, int], NDArray[np.float32]]:
    """The features that at least ``RARE`` cases share, or that the city's own catalogue holds, and their weights.

    What only a few people wrote is not kept: neither a surname nor a turn of phrase can be read out of the model.
    """
    import numpy as np

    counted = Counter(term for row in read for term in row)
    own = Counter(term for row in words for term in row)
    kept = sorted(term for term in counted.keys() | own.keys() if counted[term] >= RARE or own[term])
    total = len(read) + len(words)
    idf = np.array([math.log((1 + total) / (1 + counted[term] + own[term])) + 1 for term in kept], dtype=np.float32)
    return {term: row for row, term in enumerate(kept)}, idf


def _matrix(rows: Sequence[frozenset[str]], terms: dict[str, int], idf: NDArray[np.float32]) -> Any:
    """The texts (rows) by features, each row of length 1, as a sparse matrix."""
    import numpy as np
    from scipy.sparse import csr_matrix

    columns: list[int] = []
    starts = [0]
    for row in rows:
        columns.extend(sorted(at for at in map(terms.get, row) if at is not None))
        starts.append(len(columns))
    at = np.array(columns, dtype=np.int32)
    values = idf[at]
    lengths = np.sqrt(np.add.reduceat(np.append(values * values, 0), starts[:-1])) if rows else np.zeros(0)
    counts = np.diff(starts)
    lengths[(counts == 0) | (lengths == 0)] = 1
    values = values / np.repeat(lengths, counts)
    return csr_matrix((values.astype(np.float32), at, np.array(starts)), shape=(len(rows), len(terms)))


def calibrated(model: LinearModel, examples: Sequence[Example]) -> LinearModel:
    """The model with the temperature under which its probabilities fit ``examples`` best, and with its threshold of silence.

    Temperature scaling (Guo et al. 2017): one number that changes no order of guesses. A share of ``DOUBT`` of each example is
    spread over all categories: history that repeats itself word for word must not make the model sure of everything.
    """
    import numpy as np

    place = {slug: at for at, slug in enumerate(model.categories)}
    known = [(model.scores(one.text), place[one.category]) for one in examples if one.category in place]
    scored = [(scores, at) for scores, at in known if scores is not None]
    if not scored:
        return model
    scores = np.vstack([row for row, _at in scored])
    wanted = np.full(scores.shape, DOUBT / scores.shape[1])
    wanted[np.arange(len(scored)), [at for _row, at in scored]] += 1 - DOUBT
    tried = np.geomspace(0.2, 20, 61)
    losses = [-(wanted * np.log(softmax(scores / one) + 1e-12)).sum() for one in tried]
    return _with(model, temperature=float(tried[int(np.argmin(losses))]), silence=SILENCE)


def _with(model: LinearModel, *, temperature: float, silence: float) -> LinearModel:
    return LinearModel(model.categories, model.terms, model.idf, model.weights, model.bias, temperature, silence)

"""How sure one can be that a right answer reaches a threshold, after so many runs of it.

Scores of a training that is repeated with other seeds are taken for normal, n of them with mean m and standard
deviation s. A one-sided normal tolerance interval then says, with a given confidence, how large the part of
all runs beyond a threshold t is at most: with K = (m - t) / s,

    P[T(n - 1, z sqrt(n)) <= K sqrt(n)] = confidence      part = 1 - Phi(z)

where T is noncentral t (Hahn and Meeker, Statistical Intervals, 1991, section 4.6). Whether the scores look normal
is tested (Shapiro and Wilk 1965) and said beside it: twenty runs without a failure bound the part at 14 % only.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

__all__ = ["CONFIDENCE", "Scores", "failures_at_most", "normality", "threshold_for"]

CONFIDENCE = 0.95
#: z of a part so small that nobody asks for less.
_FARTHEST = 40.0
#: Enough for six digits of a probability.
_PARTS = 20_000


@dataclass(frozen=True)
class Scores:
    """Scores of runs that differ in their seeds alone.

    Args:
        values: One a run.
        rises: Whether more is better.
    """

    values: tuple[float, ...]
    rises: bool

    def __post_init__(self) -> None:
        if not all(math.isfinite(value) for value in self.values):
            raise ValueError("scores are finite numbers")

    @property
    def mean(self) -> float:
        """Their mean."""
        return float(np.mean(self.values))

    @property
    def deviation(self) -> float:
        """Their standard deviation, with n - 1."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else math.nan

    @property
    def worst(self) -> float:
        """The worst of them."""
        return min(self.values) if self.rises else max(self.values)

    def failing(self, threshold: float) -> int:
        """How many miss a threshold."""
        return sum(value < threshold if self.rises else value > threshold for value in self.values)


def failures_at_most(scores: Scores, threshold: float, confidence: float = CONFIDENCE) -> float:
    """The upper confidence bound of the part of all runs that miss ``threshold``, in [0, 1].

    Scores that are all the same tell nothing of their spread: then the bound is the one that n runs without a
    failure give whatever the distribution, 1 - (1 - confidence)^(1/n).

    Raises:
        ValueError: There are fewer than two scores.

    Example:
        >>> twenty = Scores(tuple(0.86 + 0.01 * np.sin(np.arange(20))), rises=True)
        >>> failures_at_most(twenty, 0.80) < 0.01 < failures_at_most(twenty, 0.85)
        True
    """
    from scipy.stats import norm

    count = len(scores.values)
    if count < 2:
        raise ValueError("two runs are the least that tell of a spread")
    if scores.deviation <= 1e-12 * max(1.0, abs(scores.mean)):
        return 1.0 if scores.failing(threshold) else float(1 - (1 - confidence) ** (1 / count))
    margin = scores.mean - threshold if scores.rises else threshold - scores.mean
    factor = margin / scores.deviation
    return float(norm.sf(_root(lambda z: confidence - _below(factor, z, count), _FARTHEST)))


def threshold_for(scores: Scores, failures: float = 0.01, confidence: float = CONFIDENCE) -> float:
    """The hardest threshold that at most the part ``failures`` of all runs misses, with this confidence.

    Raises:
        ValueError: There are fewer than two scores.

    Example:
        >>> twenty = Scores(tuple(0.86 + 0.01 * np.sin(np.arange(20))), rises=True)
        >>> abs(failures_at_most(twenty, threshold_for(twenty)) - 0.01) < 1e-6
        True
    """
    from scipy.stats import norm

    count = len(scores.values)
    if count < 2:
        raise ValueError("two runs are the least that tell of a spread")
    z = float(norm.isf(failures))
    factor = _root(lambda k: _below(k, z, count) - confidence, 100 * _FARTHEST)
    return scores.mean - factor * scores.deviation if scores.rises else scores.mean + factor * scores.deviation


def _below(factor: float, z: float, count: int) -> float:
    """P[T(n - 1, z sqrt(n)) <= factor sqrt(n)]: over the deviation's distribution, in equal parts."""
    from scipy.special import ndtr

    deviations = _deviations(count)
    return float(np.mean(ndtr((factor * deviations - z) * math.sqrt(count))))


@cache
def _deviations(count: int) -> np.ndarray:
    """Sample standard deviations of n standard normals, at the middles of equally likely parts."""
    from scipy.stats import chi2

    parts = (np.arange(_PARTS) + 0.5) / _PARTS
    return np.asarray(np.sqrt(chi2.ppf(parts, count - 1) / (count - 1)))


def _root(rising: Callable[[float], float], farthest: float) -> float:
    from scipy.optimize import brentq

    if rising(-farthest) >= 0:
        return -farthest
    return farthest if rising(farthest) <= 0 else float(brentq(rising, -farthest, farthest, xtol=1e-10))


def normality(values: Sequence[float]) -> float:
    """The p-value of Shapiro and Wilk's test: small where scores do not look normal; else ``nan``."""
    from scipy.stats import shapiro

    if len(values) < 3 or np.ptp(values) == 0:
        return math.nan
    return float(shapiro(values).pvalue)

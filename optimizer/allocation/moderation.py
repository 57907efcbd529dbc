"""How sure estimates are, when few draws tell the variance of each: what the variances of all say together.

A variance from a few large steps is itself an accident: a player who happened to meet none of them would be called
sure. The variances of all players are taken as drawn from one distribution, whose spread beyond what accident explains
says how far each may be trusted (moderated variances, Smyth 2004). A variance is raised by the others, never lowered:
what a player's own draws show stays.

References
----------
Smyth, G. K. (2004). Linear models and empirical Bayes methods for assessing differential expression in microarray
experiments. Statistical Applications in Genetics and Molecular Biology 3, 3. https://doi.org/10.2202/1544-6115.1027
"""

from math import exp, log

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_SMALLEST = 1e-6
"""Variances below this part of the largest count as this much where they are compared."""

_ENDS = (0.5, 1e6)
"""Degrees of freedom between which the others' part is sought."""


def moderated(variances: Floats, freedom: Floats) -> tuple[Floats, Floats]:
    """Return variances and their degrees of freedom, both with what the others say.

    Parameters
    ----------
    variances, freedom
        By player; the freedom of each as its own draws suggest it.
    """
    known = np.isfinite(freedom) & (variances > 0)
    if known.sum() < 3:
        return variances, freedom
    own = float(1 / np.mean(1 / freedom[known]))
    logs = np.log(np.maximum(variances[known], _SMALLEST * variances.max()))
    logs -= _digamma(own / 2) - log(own / 2)
    beyond = float(logs.var(ddof=1)) - _trigamma(own / 2)
    others = _freedom_of(beyond)
    common = exp(float(logs.mean()) + _digamma(others / 2) - log(others / 2))
    raised = np.where(known, np.maximum(variances, (others * common + own * variances) / (others + own)), variances)
    return raised, np.where(known, own + others, freedom)


def _freedom_of(spread: float) -> float:
    """Return the degrees of freedom at which logarithms of variances spread so much: trigamma(v / 2) = spread."""
    low, high = _ENDS
    if spread <= _trigamma(high / 2):
        return high
    for _ in range(60):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if _trigamma(middle / 2) > spread else (low, middle)
    return low


def _digamma(x: float) -> float:
    found = 0.0
    while x < 6:
        found, x = found - 1 / x, x + 1
    return found + log(x) - 1 / (2 * x) - 1 / (12 * x**2) + 1 / (120 * x**4)


def _trigamma(x: float) -> float:
    found = 0.0
    while x < 6:
        found, x = found + 1 / x**2, x + 1
    return found + 1 / x + 1 / (2 * x**2) + 1 / (6 * x**3) - 1 / (30 * x**5)

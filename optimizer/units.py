"""Exact arithmetic that every floor shares: rounding, gaps and volumes."""

from fractions import Fraction

MM3_PER_CM3 = 1_000
MM3_PER_M3 = 1_000_000_000
GRAMS_PER_TONNE = 1_000_000
PPM = 1_000_000


def round_half_up(amount: Fraction | int) -> int:
    """Round an exact amount to the nearest integer, halves away from minus infinity.

    Parameters
    ----------
    amount
        Exact number of minor units (or of any unit), any sign.

    Returns
    -------
    int
        floor(amount + 1/2).
    """
    return (2 * Fraction(amount).numerator + Fraction(amount).denominator) // (2 * Fraction(amount).denominator)


def ceil_division(numerator: int, denominator: int) -> int:
    """Divide two integers and round up."""
    return -(-numerator // denominator)


def freight_tonnes(volume_mm3: int, mass_g: int) -> Fraction:
    """Return the freight tonnes (W/M) of a lot: the greater of its cubic metres and its tonnes, exactly."""
    return max(Fraction(volume_mm3, MM3_PER_M3), Fraction(mass_g, GRAMS_PER_TONNE))


def gap_ppm(cost_minor: int, lower_bound_minor: int) -> int:
    """Return the optimality gap in parts per million of the cost, rounded up, never negative."""
    if cost_minor <= lower_bound_minor:
        return 0
    return min(PPM, ceil_division((cost_minor - lower_bound_minor) * PPM, max(1, abs(cost_minor))))


def volume_cm3(volume_mm3: int) -> int:
    """Return cubic centimetres for display, rounded half up."""
    return round_half_up(Fraction(volume_mm3, MM3_PER_CM3))

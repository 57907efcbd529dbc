"""Times of equal shares in exact arithmetic: `python -m benchmarks.fairs`.

Projects cost 10 to 9,000 in money of two decimals, every member supports half of them with a score of 1 to 5, weighted
by its endowment; together the members own a little more than half of what all projects cost.
"""

import random
import statistics
import time

from optimizer.fairs.equal_shares import equal_shares

SIZES = ((20, 40), (200, 100))
SEEDS = range(5)


def seconds(members: int, projects: int, seed: int) -> tuple[float, int]:
    """Return the CPU seconds of one question and how many projects are bought."""
    draw = random.Random(seed)
    net = {f"P{index}": draw.randint(1_000, 900_000) for index in range(projects)}
    whole = sum(net.values())
    pot = {f"M{index}": draw.randint(whole // (4 * members), whole // members) for index in range(members)}
    worth = {
        project: {member: draw.randint(1, 5) * cost * own for member, own in pot.items() if draw.random() < 0.5}
        for project, cost in net.items()
    }
    start = time.process_time()
    found = equal_shares(net, pot, worth)
    return time.process_time() - start, len(found.selected)


def main() -> None:
    """Print a table."""
    print("| members | projects | bought | CPU s, median | most |\n|--:|--:|--:|--:|--:|")
    for members, projects in SIZES:
        runs = [seconds(members, projects, seed) for seed in SEEDS]
        times, bought = [one for one, _ in runs], [number for _, number in runs]
        least, most = min(bought), max(bought)
        print(f"| {members} | {projects} | {least}-{most} | {statistics.median(times):.3f} | {max(times):.3f} |")


if __name__ == "__main__":
    main()

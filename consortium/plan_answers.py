"""Answers about a plan: why not in a shared container, what else, what a wish costs, who could fill the room left.

What only prices the plan again is answered with every plan; what searches is answered when somebody asks. This file
neither reads nor writes records.
"""

import time
from dataclasses import replace

from consortium.formats.answers_fields import PlanAnswers
from consortium.formats.problem_json import problem_sha256
from optimizer import __version__
from optimizer.alternatives import alternatives
from optimizer.fillers import fillers
from optimizer.limits import OnProgress, Progress, ShouldStop, ignore_progress, never_stop
from optimizer.own_wishes import own_wishes
from optimizer.problem import ConsolidationProblem
from optimizer.result import ShipmentPlan
from optimizer.why_not import why_not
from optimizer.wishes import price_of_wishes

LONGEST_S = 600.0
"""Wall-clock seconds after which the searches begin nothing more: a safety net, each has its own limit of work."""


def quick_answers(problem: ConsolidationProblem, plan: ShipmentPlan, plan_sha256: str) -> PlanAnswers:
    """Return the answers that need no search: alternatives and prices of wishes are left open.

    Parameters
    ----------
    plan
        A plan of this problem that the judge accepts.
    plan_sha256
        Fingerprint of its document.
    """
    return PlanAnswers(
        problem_sha256=problem_sha256(problem),
        plan_sha256=plan_sha256,
        currency=problem.currency,
        why_not=why_not(problem, plan),
        own_wishes=own_wishes(problem, plan),
        free_room=fillers(problem, plan),
        version=__version__,
    )


def all_answers(
    problem: ConsolidationProblem,
    plan: ShipmentPlan,
    plan_sha256: str,
    *,
    time_limit_s: float = LONGEST_S,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
    should_stop: ShouldStop = never_stop,
) -> PlanAnswers:
    """Return all answers, those that search too.

    Parameters
    ----------
    plan, plan_sha256
        As for `quick_answers`.
    time_limit_s
        Wall-clock seconds, > 0; when they are over, what was found so far comes back as incomplete.
    seed
        Breaks ties in the searches.
    """
    end = time.monotonic() + time_limit_s
    stopped = False

    def stop() -> bool:
        nonlocal stopped
        stopped = stopped or should_stop() or time.monotonic() > end
        return stopped

    on_progress(Progress(stage="alternatives"))
    found = quick_answers(problem, plan, plan_sha256)
    others = alternatives(problem, plan, seed=seed, should_stop=stop)
    on_progress(Progress(stage="wishes", done_permille=450))
    wishes = price_of_wishes(problem, plan, seed=seed, should_stop=stop)
    return replace(found, alternatives=others, wishes=wishes, complete=not stopped)

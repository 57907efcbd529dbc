"""What a manager sees while a container's load is worked on by hand."""

from dataclasses import dataclass

from consortium.views_loads import LoadView, OwnerLook
from optimizer.load_result import Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceView:
    """One package; of one that is out, the place is where it stood last.

    Parameters
    ----------
    number
        What the package is called by while somebody works on the load.
    step
        When it is loaded now; 0: it is out.
    block
        Numbers of what is equal, stands the same way and touches it face to face, itself included.
    turns
        Ways in which it may stand: which present axis (0, 1, 2) comes along, across and up; the present one first.
    """

    number: int
    step: int
    package: str
    description: str
    consignment: str
    owner: OwnerLook
    low_mm: tuple[int, int, int]
    size_mm: tuple[int, int, int]
    is_out: bool
    is_pinned: bool
    block: tuple[int, ...]
    turns: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """One broken rule with what the judge compared, and the numbers of the packages concerned."""

    rule: str
    numbers: tuple[int, ...]
    claimed: str
    found: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadNumbers:
    """What a load comes to, to be compared with another."""

    standing: int
    fill_permille: int
    mass_g: int
    centre_of_gravity_permille: tuple[int, int, int]
    balance: Balance


@dataclass(frozen=True, slots=True, kw_only=True)
class ManualLoadView:
    """The load of one container while somebody works on it.

    Parameters
    ----------
    acts
        How many acts can be undone; 0: the load is that of the plan.
    undo_is_accepted
        Whether the judge accepts what undoing the newest act brings back; True where there is none.
    before, now
        The plan's load and what stands now.
    moved
        Packages that stand elsewhere than in the plan, or are out.
    load
        What stands now, to be drawn.
    """

    plan_id: int
    shipment_id: int
    container_id: str
    pieces: tuple[PieceView, ...]
    findings: tuple[FindingView, ...]
    acts: int
    undo_is_accepted: bool
    before: LoadNumbers
    now: LoadNumbers
    moved: int
    load: LoadView

    @property
    def can_be_saved(self) -> bool:
        """Whether something was changed, everything stands in the container and the judge accepts it."""
        return self.moved > 0 and not self.findings and not any(one.is_out for one in self.pieces)

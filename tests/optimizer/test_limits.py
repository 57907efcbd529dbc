from optimizer.limits import Progress, seldom


def test_the_first_message_is_passed_on_and_those_soon_after_are_not() -> None:
    told: list[Progress] = []
    tell = seldom(told.append, interval_s=3600)
    for cost in (3, 2, 1):
        tell(Progress(stage="loading", cost_minor=cost))
    assert [one.cost_minor for one in told] == [3]


def test_without_an_interval_everything_is_passed_on() -> None:
    told: list[Progress] = []
    tell = seldom(told.append, interval_s=0)
    for cost in (2, 1):
        tell(Progress(stage="loading", cost_minor=cost))
    assert [one.cost_minor for one in told] == [2, 1]

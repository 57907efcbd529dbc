import pytest

from app.guesses import FREE_GUESSES_PER_ADDRESS, FREE_GUESSES_PER_NAME, LONGEST_DELAY_S, GuessLimiter


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_each_wrong_guess_at_a_name_makes_the_next_wait_longer_up_to_a_limit(clock: Clock) -> None:
    limiter = GuessLimiter(clock)
    assert [limiter.ask("ana", "here") for _ in range(FREE_GUESSES_PER_NAME)] == [0] * FREE_GUESSES_PER_NAME
    waits = []
    for number in range(12):
        waits.append(limiter.ask("ana", f"address-{number}"))
        clock.now += waits[-1]
        assert limiter.ask("ana", f"address-{number}") == 0
    assert waits[:4] == [2, 4, 8, 16]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_DELAY_S


def test_guesses_from_one_address_wait_whatever_the_names(clock: Clock) -> None:
    limiter = GuessLimiter(clock)
    waits = [limiter.ask(f"name-{number}", "here") for number in range(FREE_GUESSES_PER_ADDRESS + 1)]
    assert waits[:-1] == [0] * FREE_GUESSES_PER_ADDRESS
    assert waits[-1] > 0
    assert limiter.ask("ana", "elsewhere") == 0


def test_guesses_at_once_are_counted_before_they_are_verified(clock: Clock) -> None:
    limiter = GuessLimiter(clock)
    passed = [limiter.ask("ana", f"address-{number}") == 0 for number in range(100)]
    assert sum(passed) == FREE_GUESSES_PER_NAME


def test_the_right_password_forgets_typing_errors(clock: Clock) -> None:
    limiter = GuessLimiter(clock)
    for _ in range(FREE_GUESSES_PER_NAME - 1):
        limiter.ask("ana", "here")
    assert limiter.ask("ana", "here") == 0
    limiter.right("ana", "here")
    assert [limiter.ask("ana", "here") for _ in range(FREE_GUESSES_PER_NAME)] == [0] * FREE_GUESSES_PER_NAME


def test_an_own_right_password_does_not_wash_away_guesses_at_others(clock: Clock) -> None:
    limiter = GuessLimiter(clock)
    waits = []
    for number in range(FREE_GUESSES_PER_ADDRESS + 1):
        waits.append(limiter.ask(f"victim-{number}", "here"))
        if limiter.ask("mallory", "here") == 0:
            limiter.right("mallory", "here")
    assert waits[-1] > 0


def test_guesses_are_forgotten_after_an_hour(clock: Clock) -> None:
    limiter = GuessLimiter(clock)
    for _ in range(FREE_GUESSES_PER_NAME):
        limiter.ask("ana", "here")
    assert limiter.ask("ana", "here") > 0
    clock.now += 3601
    assert limiter.ask("ana", "here") == 0


def test_the_memory_for_guesses_is_bounded(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.guesses.MOST_REMEMBERED", 50)
    limiter = GuessLimiter(clock)
    for number in range(500):
        limiter.ask(f"name-{number}", f"address-{number}")
    assert len(limiter._counts) <= 51

"""The domain lives in one thread: calls in order, every caller gets an answer, trouble ends nothing."""

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from kiosk.domain_thread import DomainEnded, DomainLost, DomainThread

SECONDS = 10.0


class Counter:
    """A domain that counts; made, used and closed in the same thread."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.numbers: list[int] = []
        self.polled = threading.Event()
        self.on_poll: Callable[[], None] = self.polled.set
        self.closed = False
        self.fails_to_close = False

    def add(self, number: int) -> int:
        assert threading.get_ident() == self.thread
        self.numbers.append(number)
        return sum(self.numbers)

    def poll(self) -> float:
        assert threading.get_ident() == self.thread
        self.on_poll()
        return 60.0

    def close(self) -> None:
        assert threading.get_ident() == self.thread
        self.closed = True
        if self.fails_to_close:
            raise OSError


@pytest.fixture
def thread() -> Iterator[DomainThread[Counter]]:
    made = DomainThread(Counter)
    made.start().result(SECONDS)
    yield made
    assert made.stop(SECONDS)


def test_calls_run_in_order_in_the_thread_of_the_domain(thread: DomainThread[Counter]) -> None:
    def adding(number: int) -> Callable[[Counter], int]:
        return lambda counter: counter.add(number)

    futures = [thread.call(adding(number)) for number in range(50)]

    assert [future.result(SECONDS) for future in futures] == [sum(range(number + 1)) for number in range(50)]


def test_what_a_call_raises_belongs_to_its_caller_alone(thread: DomainThread[Counter]) -> None:
    failing = thread.call(lambda _counter: 1 // 0)
    leaving = thread.call(lambda _counter: exit(3))  # noqa: PLR1722  what a library may do

    with pytest.raises(ZeroDivisionError):
        failing.result(SECONDS)
    with pytest.raises(SystemExit):
        leaving.result(SECONDS)
    assert thread.call(lambda counter: counter.add(1)).result(SECONDS) == 1


def test_a_call_that_was_cancelled_in_time_does_not_run(thread: DomainThread[Counter]) -> None:
    goes_on = threading.Event()
    thread.call(lambda _counter: goes_on.wait(SECONDS))
    late = thread.call(lambda counter: counter.add(1))

    assert late.cancel()
    goes_on.set()

    assert thread.call(lambda counter: counter.numbers).result(SECONDS) == []


def test_a_ring_makes_it_look_again(thread: DomainThread[Counter]) -> None:
    polled = thread.call(lambda counter: counter.polled).result(SECONDS)
    assert polled.wait(SECONDS)
    polled.clear()

    thread.wake()

    assert polled.wait(SECONDS)


def test_what_goes_wrong_at_the_start_is_told_to_whoever_started_it() -> None:
    def make() -> Counter:
        raise OSError(28)

    thread = DomainThread(make)

    with pytest.raises(OSError, match="28"):
        thread.start().result(SECONDS)
    assert thread.stop(SECONDS)


def test_calls_after_the_end_are_refused_instead_of_waiting_for_ever() -> None:
    thread = DomainThread(Counter)
    thread.start().result(SECONDS)
    counter = thread.call(lambda counter: counter).result(SECONDS)
    goes_on = threading.Event()
    thread.call(lambda _counter: goes_on.wait(SECONDS))
    before = thread.call(lambda counter: counter.add(1))
    stopping = threading.Thread(target=thread.stop, args=[SECONDS])
    stopping.start()
    goes_on.set()
    stopping.join(SECONDS)

    assert before.result(SECONDS) == 1
    assert counter.closed
    with pytest.raises(DomainEnded):
        thread.call(lambda counter: counter.add(1)).result(SECONDS)
    thread.wake()


def test_calls_behind_a_start_that_failed_are_refused() -> None:
    started = threading.Event()

    def make() -> Counter:
        started.wait(SECONDS)
        raise OSError

    thread = DomainThread(make)
    starting = thread.start()
    waiting = thread.call(lambda counter: counter.add(1))
    started.set()

    with pytest.raises(DomainEnded):
        waiting.result(SECONDS)
    assert isinstance(starting.exception(SECONDS), OSError)


def test_a_call_behind_the_end_of_the_queue_is_refused() -> None:
    thread = DomainThread(Counter)
    thread.start().result(SECONDS)
    goes_on = threading.Event()
    thread.call(lambda _counter: goes_on.wait(SECONDS))
    assert not thread.stop(0.0)
    behind = thread.call(lambda counter: counter.add(1))
    goes_on.set()

    with pytest.raises(DomainEnded):
        behind.result(SECONDS)
    assert thread.stop(SECONDS)


def test_looking_that_goes_wrong_ends_nothing_and_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    looks: list[bool] = []
    enough = threading.Event()

    def fail() -> None:
        looks.append(True)
        if len(looks) > 3:
            enough.set()
        raise OSError(5)

    thread = DomainThread(Counter)
    thread.start().result(SECONDS)
    with caplog.at_level(logging.ERROR, "kiosk.domain"):
        thread.call(lambda counter: setattr(counter, "on_poll", fail)).result(SECONDS)
        while not enough.is_set():
            thread.call(lambda counter: counter.add(1)).result(SECONDS)
            thread.wake()
        assert thread.call(lambda counter: counter.add(1)).result(SECONDS) > 0

    assert len([record for record in caplog.records if "looking" in record.message]) == 1
    assert thread.stop(SECONDS)


def test_a_domain_that_cannot_be_closed_writes_nothing_to_stderr(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    thread = DomainThread(Counter)
    thread.start().result(SECONDS)
    thread.call(lambda counter: setattr(counter, "fails_to_close", True)).result(SECONDS)

    with caplog.at_level(logging.ERROR, "kiosk.domain"):
        assert thread.stop(SECONDS)

    assert "could not be closed" in caplog.text
    assert capfd.readouterr().err == ""


def test_stopping_one_that_was_never_started_is_harmless() -> None:
    assert DomainThread(Counter).stop()


def test_a_thread_whose_domain_could_not_come_may_be_started_again() -> None:
    tries: list[int] = []

    def make() -> Counter:
        tries.append(len(tries))
        if len(tries) < 3:
            raise OSError(28)
        return Counter()

    thread = DomainThread(make)
    for _ in range(2):
        with pytest.raises(OSError, match="28"):
            thread.start().result(SECONDS)
    thread.start().result(SECONDS)

    assert thread.call(lambda counter: counter.add(1)).result(SECONDS) == 1
    assert thread.stop(SECONDS)


def test_a_domain_that_gives_itself_up_is_closed_and_another_one_may_come() -> None:
    made: list[Counter] = []

    def make() -> Counter:
        made.append(Counter())
        return made[-1]

    def give_up() -> None:
        raise DomainLost

    thread = DomainThread(make)
    thread.start().result(SECONDS)

    def spoil(counter: Counter) -> None:
        counter.on_poll = give_up

    thread.call(spoil).result(SECONDS)
    with pytest.raises(DomainLost):
        thread.lost.result(SECONDS)
    assert made[0].closed
    with pytest.raises(DomainEnded):
        thread.call(lambda counter: counter.add(1)).result(SECONDS)

    thread.start().result(SECONDS)

    assert thread.call(lambda counter: counter.add(1)).result(SECONDS) == 1
    assert thread.stop(SECONDS)


def test_whoever_no_longer_waits_for_the_start_does_not_disturb_it() -> None:
    may_come = threading.Event()

    def make() -> Counter:
        may_come.wait(SECONDS)
        return Counter()

    thread = DomainThread(make)
    started = thread.start()
    assert not started.cancel()
    may_come.set()
    started.result(SECONDS)
    assert thread.stop(SECONDS)

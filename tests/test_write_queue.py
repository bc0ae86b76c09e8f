"""Who writes to a SQLite file waits in a queue: fair, never for long, and never all at once."""

import threading

import pytest

from commentbox.errors import Unavailable
from commentbox.write_queue import PATIENCE_SECONDS, WriteQueue
from tests.grounds import eventually


def test_a_turn_leaves_the_patience_that_was_not_used() -> None:
    with WriteQueue().turn() as left:
        assert 0 < left <= PATIENCE_SECONDS


def test_who_has_no_patience_left_is_turned_away() -> None:
    queue = WriteQueue()
    with queue.turn(), pytest.raises(Unavailable), queue.turn(patience_seconds=0):
        pytest.fail("two turns at once")
    with queue.turn(patience_seconds=0) as left:
        assert left == 0


def test_who_waits_already_makes_room_once_the_file_is_known_to_be_kept() -> None:
    queue, outcomes = WriteQueue(max_waiting_for_others=1, stuck_after_seconds=0), []

    def waits() -> None:
        try:
            with queue.turn():
                eventually(lambda: outcomes)  # the first one stands at the door until then
                queue.let_in()
                outcomes.append("written")
        except Unavailable:
            outcomes.append("refused")

    everybody = [threading.Thread(target=waits) for _ in range(3)]
    with queue.turn():
        queue.let_in()
        for each in everybody:
            each.start()
        assert eventually(lambda: queue.waiting == 3)
    for each in everybody:
        each.join()
    assert outcomes == ["refused", "written", "written"]


def test_not_everybody_waits_for_a_file_that_another_process_keeps() -> None:
    queue = WriteQueue(max_waiting_for_others=1, stuck_after_seconds=0)
    is_done = threading.Event()

    def waits() -> None:
        with queue.turn():
            is_done.set()

    with queue.turn():
        waiting = threading.Thread(target=waits)
        waiting.start()
        assert eventually(lambda: queue.is_crowded)
        with pytest.raises(Unavailable), queue.turn():
            pytest.fail("nobody else lines up")
        queue.let_in()
        assert not queue.is_crowded
    waiting.join()
    assert is_done.is_set()


def test_who_left_without_the_file_is_a_warning_to_the_next() -> None:
    queue = WriteQueue(max_waiting_for_others=1, stuck_after_seconds=3600)
    with queue.turn():
        pass  # nobody was let in

    def waits() -> None:
        with queue.turn():
            queue.let_in()

    waiting = threading.Thread(target=waits)
    with queue.turn():
        waiting.start()
        assert eventually(lambda: queue.waiting == 1)
        assert queue.is_crowded
        queue.let_in()
    waiting.join()
    assert not queue.is_crowded

"""Who writes to a SQLite file waits in a queue: fair, never for long, and never all at once."""

import threading

import pytest

from commentbox import write_queue
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


def test_who_waits_already_makes_room_once_the_file_is_known_to_be_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(write_queue, "LOOK_UP_SECONDS", 0.001)
    queue, outcomes = WriteQueue(max_waiting_for_others=1), []

    def waits() -> None:
        try:
            with queue.turn():
                queue.let_in()
                outcomes.append("written")
        except Unavailable:
            outcomes.append("refused")

    everybody = [threading.Thread(target=waits) for _ in range(3)]
    with queue.turn():
        for each in everybody:
            each.start()
        monkeypatch.setattr(write_queue, "STUCK_AFTER_SECONDS", -1)
        assert eventually(lambda: len(outcomes) == 2)
    for each in everybody:
        each.join()
    assert outcomes == ["refused", "refused", "written"]


def test_not_everybody_waits_for_a_file_that_another_process_keeps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(write_queue, "STUCK_AFTER_SECONDS", -1)
    queue, is_done = WriteQueue(max_waiting_for_others=1), threading.Event()

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

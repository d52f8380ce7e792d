"""Pieces of work at once: in order, a few at a time, and the first to fail is heard."""

import threading
import time

import pytest

from fillplan_models.abreast import MOST, each


def test_results_come_in_the_order_of_the_pieces():
    def slower_first(piece):
        time.sleep(0.002 * (9 - piece))
        return piece * piece

    assert each(slower_first, range(9), threads=4) == [piece * piece for piece in range(9)]
    assert each(slower_first, [], threads=2) == []


@pytest.mark.parametrize(("threads", "most"), [(1, 1), (2, 2), (100, MOST)])
def test_so_many_are_in_memory_at_once(threads, most):
    at_work, seen, lock = 0, [], threading.Lock()
    together = threading.Barrier(most, timeout=10)

    def work(_):
        nonlocal at_work
        with lock:
            at_work += 1
            seen.append(at_work)
        together.wait()
        with lock:
            at_work -= 1

    each(work, range(3 * most), threads)
    assert max(seen) == most


def test_the_first_piece_to_fail_is_heard():
    def work(piece):
        if piece:
            raise ValueError(f"piece {piece}")

    with pytest.raises(ValueError, match="piece 1"):
        each(work, range(5), threads=2)

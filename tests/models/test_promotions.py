"""What promotions are worth: titles are the evidence, one hit in every region is one surprise."""

import numpy as np
import pytest

from fillplan_models.promotions import CLASS_STRENGTH, promotion_lift, strength_class

DAYS, REGIONS = 28, 5


def lift_of(true_lift: dict[int, float], strength: float = 1.0) -> np.ndarray:
    """Lift learnt from titles that are promoted in the second week, in all regions, by title number."""
    titles = np.repeat(np.arange(len(true_lift)), REGIONS)
    promoted = np.zeros((len(titles), DAYS), dtype=np.float32)
    promoted[:, 7:14] = strength
    factor = np.array([true_lift[int(t)] for t in titles])[:, None]
    hours = np.where(promoted > 0, 10 * factor, 10.0).astype(np.float32)
    return promotion_lift(hours, np.ones_like(hours), strength_class(promoted), titles)


def test_classes_of_strength() -> None:
    assert strength_class(np.array([0, 0.1, 0.5, 1.0, 1.5, 9.0], dtype=np.float32)).tolist() == [0, 1, 2, 3, 4, 5]


def test_many_titles_that_agree_are_believed() -> None:
    assert lift_of(dict.fromkeys(range(60), 2.5))[3] == pytest.approx(2.5, rel=0.06)


def test_one_hit_does_not_make_a_rule() -> None:
    """One title eight times its level, in five regions and seven days: the lift stays far below eight."""
    assert lift_of({0: 8.0})[3] < 3.5


def test_classes_without_evidence_follow_the_line_of_the_others() -> None:
    lift = lift_of(dict.fromkeys(range(60), 2.0))
    assert lift[0] == 1.0 and np.all(np.diff(lift) > 0)
    assert lift[5] == pytest.approx(1 + CLASS_STRENGTH[5], rel=0.1)


def test_no_promotion_is_taken_to_do_harm() -> None:
    """Titles that were promoted because they were fading say nothing of the next one."""
    assert lift_of(dict.fromkeys(range(60), 0.3)).tolist()[:4] == [1.0] * 4


def test_without_promotions_nothing_is_lifted() -> None:
    hours = np.ones((3, DAYS), dtype=np.float32)
    lift = promotion_lift(hours, hours, np.zeros((3, DAYS), dtype=np.int64), np.arange(3))
    assert np.all(lift == 1)

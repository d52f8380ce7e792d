"""What titles offer: distinct values per title, and where what nothing matches goes."""

import numpy as np

from fillplan_models.shares.offers import make_offers

TITLE, VALUE = np.array([2, 0, 0, 2, 0]), np.array([5, 1, 0, 5, 1])


def test_pairs_are_distinct_and_sorted_and_every_file_finds_its_own():
    offers = make_offers(TITLE, VALUE)
    assert list(zip(offers.title.tolist(), offers.value.tolist(), strict=True)) == [(0, 0), (0, 1), (2, 5)]
    assert np.array_equal(offers.title[offers.of_file], TITLE) and np.array_equal(offers.value[offers.of_file], VALUE)
    assert not offers.rest.any()


def test_sums_per_title_stand_at_each_of_its_pairs():
    offers = make_offers(TITLE, VALUE)
    assert offers.per_title(np.array([[1.0, 2.0, 4.0]])).tolist() == [[3.0, 3.0, 4.0]]
    assert offers.per_title(np.array([1.0, 2.0, 4.0])).tolist() == [3.0, 3.0, 4.0]


def test_off_is_offered_by_every_title_and_takes_the_rest():
    offers = make_offers(TITLE, VALUE, off=9)
    assert list(zip(offers.title.tolist(), offers.value.tolist(), strict=True)) == [
        (0, 0), (0, 1), (0, 9), (2, 5), (2, 9),
    ]  # fmt: skip
    assert offers.rest.tolist() == [False, False, True, False, True]
    assert len(offers.of_file) == len(TITLE)


def test_no_files_no_offers():
    offers = make_offers(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), off=3)
    assert len(offers.title) == 0 and offers.per_title(np.zeros((2, 0))).shape == (2, 0)

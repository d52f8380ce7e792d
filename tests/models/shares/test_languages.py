"""Priors of languages: the habit of a region, reckoned by hand, and what it becomes for each original language."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fillplan_models.shares.languages import (
    ORIGINAL_AUDIO,
    STRENGTHS,
    SUBTITLES_OFF,
    audio_prior,
    subtitle_prior,
)
from tests.models.shares.cases import codes_of, evidence_of

LANGUAGES = ("de", "en", "fr")
DE, EN, FR, UNKNOWN = range(4)


def seen(*rows, titles=2):
    """Rows of region, title, language and hours; the language is both heard and read."""
    evidence = evidence_of(codes_of(titles=titles, languages=LANGUAGES), *[(r, t, 0, h) for r, t, _, h in rows])
    language = np.array([row[2] for row in rows], dtype=np.int64)
    return replace(evidence, audio=language, subtitle=language)


def test_without_evidence_half_listen_to_the_original_and_the_rest_to_all_others_alike():
    shares = audio_prior(seen(), np.array([EN, -1]))
    assert shares.shape == (2, 4, 3)
    assert shares[0, EN] == pytest.approx([0.25, ORIGINAL_AUDIO, 0.25])
    assert shares[1, DE] == pytest.approx([ORIGINAL_AUDIO, 0.25, 0.25])
    assert shares[0, UNKNOWN] == pytest.approx([1 / 3] * 3), "no language is the original of what is not told"


def test_without_evidence_most_read_nothing():
    shares = subtitle_prior(seen(), np.array([EN, -1]))
    assert shares.shape == (2, 4, 4)
    each = (1 - SUBTITLES_OFF) / 3
    assert shares[0, UNKNOWN] == pytest.approx([each] * 3 + [SUBTITLES_OFF])
    assert shares[0, EN, EN] == pytest.approx(each)
    assert shares[0, EN, 3] == pytest.approx((1 - each) * SUBTITLES_OFF / (2 * each + SUBTITLES_OFF))


def test_hours_are_lent_from_all_to_the_region_to_the_original_language():
    """A hundred hours of an English title, heard in English, in the first region."""
    shares = audio_prior(seen((0, 0, EN, 100.0)), np.array([EN, DE]))
    everywhere = (100 + STRENGTHS[0] * ORIGINAL_AUDIO) / (100 + STRENGTHS[0])
    here = (100 + STRENGTHS[1] * everywhere) / (100 + STRENGTHS[1])
    assert shares[0, EN, EN] == pytest.approx((100 + STRENGTHS[2] * here) / (100 + STRENGTHS[2]))
    assert shares[0, FR, FR] == pytest.approx(here), "who listens to the original does so in any language"
    assert shares[1, EN, EN] == shares[1, FR, FR] == pytest.approx(everywhere)


def test_the_language_that_a_region_takes_instead_is_not_taken_for_the_original():
    """The first region hears English titles in German; what it does with German titles that says not."""
    shares = audio_prior(seen((0, 0, DE, 1e6)), np.array([EN, DE]))
    assert shares[0, EN] == pytest.approx([1, 0, 0], abs=0.01)
    assert shares[0, FR] == pytest.approx([1, 0, 0], abs=0.01)
    assert shares[0, DE, EN] == pytest.approx(shares[0, DE, FR])
    assert shares[0, DE, DE] < 0.01, "a region that hears no original hears none of its own either"


def test_what_is_heard_instead_is_lent_from_all_to_the_region():
    """A hundred hours of an English title in German, in the first region; what of French titles is heard instead."""
    shares = audio_prior(seen((0, 0, DE, 100.0)), np.array([EN, DE]))
    everywhere = (100 + STRENGTHS[0] / 3) / (100 + STRENGTHS[0])
    here = (100 + STRENGTHS[1] * everywhere) / (100 + STRENGTHS[1])
    for region, german in ((0, here), (1, everywhere)):
        english = (1 - german) / 2
        assert shares[region, FR, DE] / shares[region, FR, EN] == pytest.approx(german / english)


def test_the_original_is_no_other_language():
    """That English titles are heard in English does not make English what else is heard."""
    shares = audio_prior(seen((0, 0, EN, 1e6)), np.array([EN, DE]))
    assert shares[0, FR, DE] == pytest.approx(shares[0, FR, EN])


def test_titles_whose_original_is_not_told_tell_of_each_other():
    shares = audio_prior(seen((0, 0, DE, 1e6)), np.array([-1, EN]))
    assert shares[0, UNKNOWN] == pytest.approx([1, 0, 0], abs=0.01)


def test_untold_languages_are_no_evidence():
    untold = audio_prior(seen((0, 0, -1, 1e6)), np.array([EN, DE]))
    np.testing.assert_array_equal(untold, audio_prior(seen(), np.array([EN, DE])))


ROWS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 3), st.integers(-1, 2), st.floats(0, 1e6)), max_size=10)


@given(ROWS)
def test_shares_add_up_for_every_region_and_original_language(rows):
    evidence, original = seen(*rows, titles=4), np.array([DE, EN, FR, -1])
    for shares in (audio_prior(evidence, original), subtitle_prior(evidence, original)):
        assert (shares >= 0).all() and shares.sum(axis=-1) == pytest.approx(1)

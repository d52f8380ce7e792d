"""What a region does with languages: measured only where a title offers them, and drawn to the usual."""

import numpy as np
import pytest

from fillplan_models.shares.evidence import make_codes, read_evidence
from fillplan_models.shares.files import read_files
from fillplan_models.shares.offers import make_offers
from fillplan_models.shares.use import language_use, use_features
from tests.models.shares.test_estimate import ASSETS, REGIONS, TITLES, ladder, watched
from tests.models.worlds import day, tables_of


def world(evidence, assets=ASSETS):
    tables = tables_of(titles=TITLES, assets=assets, variant_views=evidence)
    codes = make_codes(tables, REGIONS)
    return read_evidence(tables, codes, day(70)), read_files(tables, codes)


def test_use_is_the_share_among_titles_that_offer_the_language_and_are_not_in_it():
    evidence, files = world([
        watched("a", 2000, "es", "", 3e6),  # English, dubbed into Spanish: three quarters take the dub
        watched("a", 2000, "en", "fr", 1e6),
        watched("b", 2000, "es", "de", 9e6),  # Spanish: its own sound is no use of Spanish
    ])  # fmt: skip
    use = language_use(evidence, files)
    en, es, fr = 1, 2, 3
    assert use.audio[0, es] == pytest.approx(0.75, abs=1e-3)
    assert use.audio[0, en] == pytest.approx(0, abs=1e-3)  # offered by `b`, taken by nobody
    assert use.subtitle[0, fr] == pytest.approx(1 / 13, abs=1e-3)  # both titles offer it
    assert use.understood[0, en] == pytest.approx(0, abs=1e-3)
    assert use.audio[1] == pytest.approx(use.audio[0], abs=1e-6)  # nothing seen there: the usual


def test_without_evidence_the_usual_use():
    use = language_use(*world([]))
    assert np.all((use.audio > 0) & (use.audio < 0.5)) and np.all((use.understood > 0) & (use.understood < 0.5))


def test_features_tell_a_title_with_the_dub_from_one_without():
    assets = [*ladder("a", audio=("en", "es")), *ladder("b", audio=("en",))]
    evidence, files = world([watched("a", 2000, "es", "", 1e6)], assets)
    files.title_original[:] = 0  # both English
    audio = files.kind == "audio"
    offers = make_offers(files.title[audio], files.language[audio])
    pairs = np.arange(len(offers.title))
    rows = use_features(language_use(evidence, files), files, offers, np.full(len(pairs), 0.5), 0, pairs)
    assert rows.dtype == np.float32 and np.isfinite(rows).all() and len(rows) == 3
    in_original = rows[offers.value == files.title_original[0]]
    assert not np.array_equal(in_original[0], in_original[1])


def test_features_of_a_title_do_not_depend_on_which_others_are_asked_for():
    evidence, files = world([watched("a", 2000, "es", "", 1e6), watched("b", 500, "en", "fr", 1e3)])
    read = files.kind == "subtitle"
    offers = make_offers(files.title[read], files.language[read], off=files.has_audio.shape[1])
    use, prior = language_use(evidence, files), np.linspace(0.1, 0.9, len(offers.title))
    pairs = np.arange(len(offers.title))
    together = use_features(use, files, offers, prior, 1, pairs)
    apart = [use_features(use, files, offers, prior[[pair]], 1, np.array([pair])) for pair in pairs]
    assert np.array_equal(together, np.concatenate(apart))

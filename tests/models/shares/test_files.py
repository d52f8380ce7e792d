"""The catalogue as codes, on a few files of every kind."""

import pytest

from fillplan_models.shares.evidence import make_codes
from fillplan_models.shares.files import Files, read_files
from tests.models.shares.test_estimate import REGIONS, asset
from tests.models.worlds import tables_of

TITLES = [
    {"title_id": "a", "kind": "movie", "original_language": "en"},
    {"title_id": "b", "kind": "episode", "original_language": ""},
    {"title_id": "c", "kind": "movie", "original_language": "fr"},
    {"title_id": "d", "kind": "short", "original_language": "de"},
]
ASSETS = [
    asset("av1", "a", "video", 500.0),
    asset("av2", "a", "video", 2000.0),
    asset("aa", "a", "audio", 8000.0, "en"),
    asset("as", "a", "subtitle", None, "de"),
    asset("bm", "b", "muxed", 2000.0, "fr"),
    asset("bv", "b", "video", 500.0, "de"),
    asset("ca", "c", "audio", None, "fr"),
]


def read(assets=ASSETS, titles=TITLES) -> Files:
    tables = tables_of(titles=titles, assets=assets)
    return read_files(tables, make_codes(tables, REGIONS))


def test_files_refer_to_title_rung_and_language() -> None:
    files = read()
    assert files.kind.tolist() == ["video", "video", "audio", "subtitle", "muxed", "video", "audio"]
    assert files.title.tolist() == [0, 0, 0, 0, 1, 1, 2]
    assert files.rung.tolist() == [0, 1, 2, -1, 1, 0, -1]
    # de, en, fr
    assert files.language.tolist() == [-1, -1, 1, 0, 2, 0, 2]


def test_the_top_rung_is_that_of_the_pictures_whatever_the_sound_has() -> None:
    assert read().title_top.tolist() == [1, 1, -1, -1]
    assert read([*ASSETS][::-1]).title_top.tolist() == [1, 1, -1, -1], "in any order"


def test_a_muxed_file_and_a_video_with_a_language_are_heard_a_subtitle_is_read() -> None:
    files = read()
    assert files.has_audio.tolist() == [
        [False, True, False], [True, False, True], [False, False, True], [False, False, False],
    ]  # fmt: skip
    assert files.has_subtitle.tolist() == [[True, False, False], *[[False] * 3] * 3]


def test_titles_have_their_kind_and_the_language_they_were_made_in() -> None:
    files = read()
    # episode, movie, short
    assert files.title_kind.tolist() == [1, 0, 1, 2]
    assert files.title_original.tolist() == [1, -1, 2, 0]


@pytest.mark.parametrize("titles", [TITLES, TITLES[:1], []])
def test_a_catalogue_without_files(titles) -> None:
    files = read([], titles)
    assert files.title_top.tolist() == [-1] * len(titles)
    assert not files.has_audio.any() and files.has_audio.shape == files.has_subtitle.shape
    assert len(files.kind) == len(files.rung) == len(files.language) == 0
    assert len(files.title_kind) == len(titles)

import numpy as np

from fillplan_models.catalogue import MOST_GENRES, build_catalogue
from tests.models.worlds import frame


def test_declared_and_further_columns():
    titles = frame(
        "titles",
        [
            {
                "title_id": "a",
                "kind": "movie",
                "genres": "drama; crime",
                "runtime_minutes": 90.0,
                "studio": "x",
                "stars": 1.0,
            },
            {"title_id": "b", "kind": "", "genres": "", "runtime_minutes": 30.0, "studio": "", "stars": None},
            {"title_id": "c", "kind": "movie", "genres": "crime", "runtime_minutes": 60.0, "studio": "y", "stars": 3.0},
        ],
    )
    catalogue = build_catalogue(titles)
    assert catalogue.genre_names == ("crime", "drama")
    assert catalogue.genres.tolist() == [[True, True], [False, False], [True, False]]
    assert catalogue.groups["kind"].tolist() == [0, -1, 0]
    assert catalogue.groups["studio"].tolist() == [0, -1, 1]
    assert np.array_equal(catalogue.numbers["stars"], np.array([1, np.nan, 3], dtype=np.float32), equal_nan=True)
    assert "name" not in catalogue.groups and "title_id" not in catalogue.groups


def test_of_genres_used_as_tags_the_commonest_count():
    rows = [{"title_id": f"t{i}", "genres": f"tag{i}; drama;{'crime' if i % 2 else 'comedy'}"} for i in range(300)]
    catalogue = build_catalogue(frame("titles", [*rows, {"title_id": "u", "genres": "tag299;;tag299"}]))
    assert len(catalogue.genre_names) == MOST_GENRES and {"drama", "crime", "comedy"} <= set(catalogue.genre_names)
    shown = dict(zip(catalogue.genre_names, catalogue.genres.sum(axis=0), strict=True))
    assert (shown["drama"], shown["crime"], shown["comedy"], shown["tag299"]) == (300, 150, 150, 2)
    assert catalogue.genre_names == tuple(sorted(catalogue.genre_names))


def test_a_text_that_all_titles_share_says_nothing() -> None:
    same = {"kind": "movie", "genres": "", "source": "cms", "blank": ""}
    titles = frame("titles", [{"title_id": "a", "studio": "north", **same}, {"title_id": "b", "studio": "", **same}])
    assert list(build_catalogue(titles).groups) == ["kind", "original_language", "series_id", "studio"]
    assert list(build_catalogue(titles.iloc[:0]).groups) == ["kind", "original_language", "series_id"]

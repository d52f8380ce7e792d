import pytest

from fillplan.cli.terminal import visible


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Zürich, 東京\n\tsecond line", "Zürich, 東京\n\tsecond line"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("over\rwritten\x07", "over\\rwritten\\x07"),
        ("right\u202eto left", "right\\u202eto left"),
    ],
)
def test_what_would_steer_a_terminal_is_written_out(given, shown):
    assert visible(given) == shown

from fillplan.scenarios.lines import line_numbers, line_of

TEXT = '''# a comment
[[scenario]]
name = "a"

[[scenario.override]]
kind = "offline"  # [[scenario]] in a comment
[scenario.override.where]
"cache_id" = "x"

[[scenario]]
description = """
[[scenario]]
name = "not a key"
"""
name = "b"
override = [
  { kind = "offline" },
]
'''


def test_headers_and_keys_know_their_lines() -> None:
    lines = line_numbers(TEXT)
    assert lines["scenario", 0] == 2
    assert lines["scenario", 0, "name"] == 3
    assert lines["scenario", 0, "override", 0, "kind"] == 6
    assert lines["scenario", 0, "override", 0, "where", "cache_id"] == 8
    assert lines["scenario", 1] == 10
    assert lines["scenario", 1, "name"] == 15, "what looks like keys inside a long text is none"


def test_inside_of_inline_tables_the_line_that_holds_them() -> None:
    lines = line_numbers(TEXT)
    assert line_of(("scenario", 1, "override", 0, "kind"), lines) == 16
    assert line_of(("elsewhere",), lines) is None

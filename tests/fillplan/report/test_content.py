"""The content of a report as plain data."""

from __future__ import annotations

import json

from fillplan.report.content import Content


def test_content_is_plain_json(content: Content) -> None:
    plain = json.loads(json.dumps(content.as_json(), allow_nan=False))
    assert plain["plan_date"] == "2026-07-01"
    assert plain["launches"][0]["start"] == "2026-07-02"
    assert plain["caches"][0]["limited_by"] == ["storage"]

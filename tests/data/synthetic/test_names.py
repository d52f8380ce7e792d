"""Names for made-up titles."""

from __future__ import annotations

from fillplan_data.synthetic.names import title_names
from fillplan_data.synthetic.parts import Part, generator


def test_names_are_all_different() -> None:
    names = title_names(4000, generator(1, Part.NAMES))
    assert len(set(names)) == 4000

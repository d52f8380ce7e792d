"""One random generator per part of the world."""

from __future__ import annotations

from fillplan_data.synthetic.parts import Part, generator


def test_generators_of_parts_are_independent_of_each_other() -> None:
    parts = [generator(1, part, index).random(4).tolist() for part in Part for index in (0, 1)]
    assert len({tuple(p) for p in parts}) == len(parts)
    assert generator(1, Part.FILES).random(4).tolist() in parts

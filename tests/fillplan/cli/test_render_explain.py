"""What `explain` says of every reason."""

from fillplan.cli.render_explain import DECIDED_BY
from fillplan_optimizer.why import MEANING


def test_every_reason_has_words() -> None:
    assert DECIDED_BY.keys() == MEANING.keys()

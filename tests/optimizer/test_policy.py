"""Policy files: typed, unknown keys refused, all shipped ones sound."""

from pathlib import Path

import pytest

from fillplan_data.errors import NotFound, SettingsError
from fillplan_optimizer.policy import Policy, known_keys, load_policy, policies_folder


@pytest.mark.parametrize("path", sorted(policies_folder().glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_policies_carry_their_names(path: Path) -> None:
    assert load_policy(path.stem).name == path.stem
    assert load_policy(path) == load_policy(path.stem)


def test_the_default_policy_is_neutral_and_the_only_one_shipped_that_is() -> None:
    neutral = [path.stem for path in policies_folder().glob("*.toml") if load_policy(path).is_neutral]
    assert neutral == ["default"]
    assert Policy() == load_policy()
    assert Policy(name="mine").is_neutral


def test_unknown_keys_are_answered_with_the_nearest_and_bounds_kept(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\n[reserve]\nstorage_part = 0.1\n[churn]\npenalty_per_gb = -1\n')
    with pytest.raises(SettingsError, match=r"(?s)2 fault.*penalty_per_gb.*did you mean `reserve.storage_share`"):
        load_policy(path)
    path.write_text("name =")
    with pytest.raises(SettingsError, match="expected TOML"):
        load_policy(path)


def test_an_unknown_name_is_answered_with_those_shipped() -> None:
    with pytest.raises(NotFound, match=r"shipped policies: default, offload, .*did you mean 'steady'"):
        load_policy("stedy")


def test_every_choice_is_a_known_key() -> None:
    assert {"worth.basis", "churn.penalty_per_gb", "launches.min_share"} <= set(known_keys())
    assert {"name", "floor.lowest_rung", "floor.min_plays", "reserve.storage_share"} <= set(known_keys())

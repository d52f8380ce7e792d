"""Gates on rights: what opens or moves without a reason breaks contracts, whatever it does to the plan's worth."""

from __future__ import annotations

from fillplan.gates.figures import SMALL_ROWS, few, share_of, within
from fillplan.gates.profile import Profile
from fillplan.gates.verdict import Measured

LEAST_ENDS = 10
"""Fewer titles with a last day are not judged by shares."""


def rights_gone(now: Profile, then: Profile) -> Measured:
    """Share of titles that had windows, are still there and have none: these would be open everywhere."""
    known = [t for t in within(then.rights, now.rights) if t in now.titles.digests]
    gone = [t for t in known if t not in now.rights.digests]
    share = share_of(len(gone), len(known)) if len(known) >= SMALL_ROWS else 0.0
    return Measured("rights_gone", share, f"{share:.1%} of titles that stay lost their windows, which opens them")


def ends_gone(now: Profile, then: Profile) -> Measured:
    """Share of titles whose rights had a last day and have none now, where windows are left."""
    known = [t for t, end in then.last_ends.items() if end and t in now.last_ends]
    gone = [t for t in known if not now.last_ends[t]]
    share = share_of(len(gone), len(known)) if len(known) >= LEAST_ENDS else 0.0
    return Measured("ends_gone", share, f"{share:.1%} of titles with a last day have none any more: {few(gone)}")


def rights_changed(now: Profile, then: Profile) -> Measured:
    """Share of titles with windows whose windows are others now, or gone."""
    known = [t for t in then.rights.digests if t in now.titles.digests or t in now.rights.digests]
    changed = [t for t in known if now.rights.digests.get(t) != then.rights.digests[t]]
    share = share_of(len(changed), len(known))
    return Measured("rights_changed", share, f"{share:.1%} of titles that stay have other rights windows")

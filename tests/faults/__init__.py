"""The fault laboratory: seeded bad nights on tiny worlds, and the promises that must hold in all of them.

`python -m tests.faults --nights N` runs N of them and counts by fault.
"""

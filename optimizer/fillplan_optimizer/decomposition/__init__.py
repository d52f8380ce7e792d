"""Certified placement for trees: prices by exact block descent, a bound from them, a plan from both.

`placer.Decomposition` is the way in. Nothing is imported here, so that numba loads only when it is used.
"""

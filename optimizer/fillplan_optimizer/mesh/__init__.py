"""Placement for meshes: every region asks several caches, and caches serve many regions."""

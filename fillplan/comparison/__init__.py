"""Comparison of two runs: figures side by side, and what the difference is due to."""

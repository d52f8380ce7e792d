"""Forecasters: one Protocol, one file each; the simple ones are the trained model's opponents and its fall-back."""

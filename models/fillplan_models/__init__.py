"""Demand models: history in, forecast per region, title and day out, then bytes per file."""

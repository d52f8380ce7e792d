"""Replay: a plan judged on the hours that were really watched."""

"""What other rules would have changed: the last days of real groups, run again under both.

Each run is a `python -m bot replay` of its own, in a throw-away database (docs/decisions.md).
"""

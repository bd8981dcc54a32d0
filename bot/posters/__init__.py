"""Posters of entry codes: what they say, how it is set, and what surrounds it."""

"""The cycle collector, told how this program makes garbage.

A transaction holds tens of thousands of small values, none of them in a cycle: they go by
themselves, and looking at all of them again and again while they live took a quarter of the time
in which a day of 10,000 groups is planned.
"""

import gc

ALLOCATIONS = 50_000
"""Between two looks at the young ones; Python's own default is made for far smaller programs."""


def collect_rarely() -> None:
    """What is imported by now stays for ever, and the rest is looked at less often."""
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 20, 50)

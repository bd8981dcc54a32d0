"""For a process that works beside others which somebody waits for."""

import os

PATIENCE = 10
"""As much as a process may be asked to give way without anybody's noticing that it runs."""
MEGABYTE = 1 << 20


def take_no_more_than(megabytes: int) -> None:
    """Fail rather than take more memory, and let others go first, where the platform can."""
    try:
        import resource
    except ImportError:  # there is none for Windows
        return
    most = megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    os.nice(PATIENCE)

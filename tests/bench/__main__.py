"""`make bench`: every figure of docs/figures.md, measured on this machine."""

from tests.bench import replay, spine

replay.main()
spine.main()

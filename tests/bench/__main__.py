"""`make bench`: every figure of docs/figures.md, measured on this machine."""

import uvloop

from tests.bench import replay, spine

uvloop.run(replay.main())
spine.main()

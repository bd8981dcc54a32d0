"""`make bench`: every figure of docs/figures.md, measured on this machine."""

import uvloop

from tests.bench import activity, replay, spine

uvloop.run(replay.main())
uvloop.run(activity.main())
spine.main()

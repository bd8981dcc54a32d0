"""`make bench`: every figure of docs/figures.md, measured on this machine."""

import uvloop

from tests.bench import activity, console, demo, entry, funnel, planning, posters, replay, spine

uvloop.run(replay.main())
uvloop.run(activity.main())
uvloop.run(planning.main())
uvloop.run(entry.main())
uvloop.run(funnel.main())
uvloop.run(console.main())
posters.main()
demo.main()
spine.main()

"""`make bench`: every figure of docs/figures.md, measured on this machine."""

import uvloop

from tests.bench import (
    activity,
    console,
    demo,
    entry,
    funnel,
    latency,
    messages,
    planning,
    posters,
    relay,
    replay,
    spine,
)

uvloop.run(replay.main())
uvloop.run(messages.main())
uvloop.run(relay.main())
uvloop.run(latency.main())
uvloop.run(activity.main())
uvloop.run(planning.main())
uvloop.run(entry.main())
uvloop.run(funnel.main())
uvloop.run(console.main())
posters.main()
demo.main()
spine.main()

"""Everything the bot does, in one list.

The order is the order in which features hear of an event: rules and groups first, since the
others build on what they write.
"""

from handlers.groups import handler as groups
from handlers.onboarding import handler as onboarding
from handlers.router import Router
from handlers.rules import handler as rules
from handlers.talk import handler as talk

ROUTER = Router([rules.router, groups.router, talk.router, onboarding.router])

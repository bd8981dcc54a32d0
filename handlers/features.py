"""Everything the bot does, in one list.

The order is the order in which features hear of an event: rules and groups first, since the
others build on what they write. Commands are listed by 帮助 in this order, too.
"""

from handlers.activity import handler as activity
from handlers.commands.handler import front_desk
from handlers.content import commands as content_commands
from handlers.content import decisions, handing_over, library, posting
from handlers.content import handler as content
from handlers.entry import codes, forgetting, joining, placing
from handlers.entry import handler as entry
from handlers.groups import commands as group_commands
from handlers.groups import decisions as group_decisions
from handlers.groups import handler as groups
from handlers.groups import names as group_names
from handlers.growth import commands as growth_commands
from handlers.growth import handler as growth
from handlers.growth import telling
from handlers.kocs import handler as kocs
from handlers.links import handler as links
from handlers.months import handler as months
from handlers.onboarding import commands as onboarding_commands
from handlers.onboarding import handler as onboarding
from handlers.openings import handler as openings
from handlers.outbox.handler import outbox_desk
from handlers.outbox.rounds import go_on
from handlers.points import adjusting
from handlers.points import commands as point_commands
from handlers.points import handler as points
from handlers.privacy import handler as privacy
from handlers.proposals.handler import proposals_desk
from handlers.questions import bringing
from handlers.questions import commands as question_commands
from handlers.questions import handler as questions
from handlers.referrals import commands as referral_commands
from handlers.referrals import handler as referrals
from handlers.registry import handler as registry
from handlers.rewards import handler as rewards
from handlers.router import Router
from handlers.rules import commands as rule_commands
from handlers.rules import handler as rules
from handlers.talk import handler as talk
from handlers.tasks import decisions as task_decisions
from handlers.tasks import handler as tasks
from handlers.totals import handler as totals
from handlers.ways import contact_ways, friends, join_ways
from handlers.ways import handler as ways
from handlers.welcomes import handler as welcomes

FEATURES = Router(
    [
        rules.router,
        groups.router,
        group_names.router,
        group_decisions.router,
        codes.router,
        entry.router,
        placing.router,
        joining.router,
        forgetting.router,
        openings.router,
        ways.router,
        join_ways.router,
        contact_ways.router,
        friends.router,
        referrals.router,
        referral_commands.router,
        links.router,
        talk.router,
        activity.router,
        growth.router,
        telling.router,
        content.router,
        posting.router,
        handing_over.router,
        decisions.router,
        library.router,
        points.router,
        point_commands.router,
        adjusting.router,
        rewards.router,
        group_commands.router,
        growth_commands.router,
        content_commands.router,
        privacy.router,
        registry.router,
        questions.router,
        bringing.router,
        question_commands.router,
        tasks.router,
        task_decisions.router,
        kocs.router,
        totals.router,
        welcomes.router,
        months.router,
        onboarding.router,
        onboarding_commands.router,
        rule_commands.router,
    ]
)

ROUTER = Router(
    [
        FEATURES,
        front_desk(FEATURES.commands),
        outbox_desk(FEATURES),
        proposals_desk(FEATURES, go_on),
    ]
)

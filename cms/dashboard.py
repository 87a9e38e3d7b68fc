"""The studio's home: what waits for me, what goes out next, what failed and why, and the button that starts a post."""

from wagtail.admin.ui.components import Component

from billing.glances import glance_of
from billing.quotas import look
from content_studio import attention, commenting, promoting
from content_studio.ai.models import BrandVoice
from content_studio.models import SocialPost
from organizations.roles import ACTIONS_OF_ROLE, Action, role_of
from publishing import deciding, upkeep
from publishing.models import Channel


class Home(Component):
    """Everything on the first page. Each part is empty with a sentence that says what would be there."""

    template_name = "cms/home.html"
    order = 10

    def __init__(self, request):
        self.request = request

    def get_context_data(self, parent_context):
        organization, user = self.request.organization, self.request.user
        context = {"request": self.request, "user": user, "organization": organization}
        if organization is None:
            return context
        role = role_of(user, organization)
        may = ACTIONS_OF_ROLE[role] if role else set()
        channels = list(Channel.objects.for_organization(organization))
        has_posts = SocialPost.objects.for_organization(organization).exists()
        glance = glance_of(self.request)
        standing, allowance = (glance.standing, glance.allowance) if glance else look(organization)
        undecided = deciding.undecided(organization)
        return {
            **context,
            "may_write": Action.WRITE in may,
            "may_generate": Action.GENERATE in may,
            "may_approve": Action.APPROVE in may,
            "may_connect": Action.MANAGE_CHANNELS in may,
            "may_invite": Action.MANAGE_PEOPLE in may,
            "may_settle": Action.MANAGE_SETTINGS in may,
            "to_review": attention.to_review(organization, user),
            "sent_back": attention.sent_back_to(user, organization),
            "mentions": commenting.mentions_of(user, organization),
            "drafts": attention.drafts_of(user, organization),
            "unplanned": attention.approved_unplanned(organization) if Action.PUBLISH in may else [],
            "going_out": attention.going_out(organization),
            "outdated": promoting.outdated_of(organization),
            "gone_wrong": attention.gone_wrong(organization),
            "may_publish": Action.PUBLISH in may,
            "missed": undecided.select_related("channel")[:5],
            "missed_count": undecided.count(),
            "ending": upkeep.endings(channel for channel in channels if channel.state == Channel.State.CONNECTED),
            "to_reconnect": [channel for channel in channels if channel.state == Channel.State.RECONNECT],
            "has_channels": bool(channels),
            "has_posts": has_posts,
            **(what_else_is_there(organization) if not channels or not has_posts else {}),
            "plan": standing.plan,
            "allowance": allowance,
            "quota_percent": min(100, round(100 * allowance.used / allowance.limit)) if allowance.limit else 0,
        }


def what_else_is_there(organization) -> dict[str, bool]:
    """Which of the steps that one takes once are done; asked of organizations that have just begun."""
    return {
        "has_colleagues": organization.memberships.count() > 1 or organization.invitations.exists(),
        "has_voice": BrandVoice.objects.for_organization(organization).exists(),
    }

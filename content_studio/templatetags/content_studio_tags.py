"""How posts, states and times appear in the studio's templates."""

from django import template

from content_studio import presenting
from content_studio.fixes import Fix, fix_for
from publishing.networks import rules_for

register = template.Library()

register.simple_tag(presenting.state_tag, name="state_tag")
register.simple_tag(presenting.due_tag, name="due_tag")
register.simple_tag(presenting.since, name="since")
register.filter("planned", presenting.planned)
register.filter("label_tag", presenting.label_tag)


@register.simple_tag
def post_state(post):
    """The post's state, and beside it that of a newer draft, if there is one."""
    tag = presenting.state_tag(post.state)
    if post.draft_state != post.state:
        tag += presenting.state_tag(post.draft_state, presenting.newer_draft_label(post))
    return tag


@register.filter
def delivery_due(delivery) -> str:
    return presenting.local_moment(delivery.local_time, delivery.timezone)


@register.filter
def delivery_published_at(delivery) -> str:
    if delivery.published_at is None:
        return ""
    return presenting.in_zone(delivery.published_at, delivery.timezone)


@register.filter
def in_zone(moment, zone: str) -> str:
    return presenting.in_zone(moment, zone) if moment else ""


@register.filter
def network_name(key: str) -> str:
    return rules_for(key).name


@register.simple_tag
def finding_fix(finding) -> Fix | None:
    """What one click in the editor can do about a finding."""
    return fix_for(finding)

"""Sentences and times about posts, as people read them."""

import datetime
import zoneinfo

from django.utils import timezone as clock
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from wagtail.admin.templatetags.wagtailadmin_tags import timesince_simple
from wagtail.models import TaskState

from .models import SocialPost

State = SocialPost.State


def local_moment(local: datetime.datetime, zone: str) -> str:
    """A wall-clock time with its zone: “Wed 25 Nov 2026, 09:00 Europe/Berlin”."""
    local = local.replace(tzinfo=None)
    return f"{date_format(local, 'D j M Y, H:i')} {zone}"


def in_zone(moment: datetime.datetime, zone: str) -> str:
    """A moment as clocks in `zone` show it, with the zone's name."""
    return local_moment(moment.astimezone(zoneinfo.ZoneInfo(zone)), zone)


def since(moment: datetime.datetime | None) -> str:
    """How long ago it was, with the exact moment on demand: Wagtail's `human_readable_date` without its templates."""
    if moment is None:
        return ""
    moment = clock.localtime(moment)
    return format_html(
        '<button type="button" class="w-human-readable-date" data-controller="w-tooltip"'
        ' data-w-tooltip-content-value="{}" data-w-tooltip-placement-value="top">'
        '<time class="w-human-readable-date__date" datetime="{}">{}</time></button>',
        date_format(moment, "DATETIME_FORMAT"),
        moment.isoformat(),
        capfirst(timesince_simple(moment)),
    )


def planned(post) -> str:
    """When the post is planned for, on its own clock; empty if it is not."""
    if not post.planned_local:
        return ""
    return local_moment(post.planned_local, post.planned_timezone or post.organization.timezone)


def said_of_state(post) -> str:
    """One sentence that says where the post stands and what happens next."""
    newer_draft = post.state != post.draft_state
    sentences = {
        State.DRAFT: _("A draft. Nobody has been asked to look at it yet."),
        State.IN_REVIEW: _("Waiting for somebody to approve it."),
        State.CHANGES_REQUESTED: _("A reviewer asked for changes. Edit it, then submit it again."),
        State.APPROVED: _("Approved. It can be scheduled or published."),
        State.SCHEDULED: _("Goes out on %(time)s.") % {"time": planned(post)},
        State.PUBLISHED: _("Published."),
        State.FAILED: _("At least one channel did not take it. See below what to do."),
    }
    sentence = sentences[State(post.state)]
    if newer_draft:
        also = {
            State.DRAFT: _("There is also a newer draft, which is not approved."),
            State.IN_REVIEW: _("A newer draft is in review."),
            State.CHANGES_REQUESTED: _("A reviewer asked for changes to the newer draft."),
            State.APPROVED: _("A newer version is approved: schedule it to replace this one."),
        }.get(State(post.draft_state), "")
        sentence = f"{sentence} {also}"
    return sentence


def reviews_of(post) -> list[dict]:
    """What reviewers decided about the post, newest first: who, what, when, and their comment."""
    decided = (
        TaskState.objects.for_instance(post)
        .filter(status__in=[TaskState.STATUS_APPROVED, TaskState.STATUS_REJECTED])
        .select_related("finished_by", "task")
        .order_by("-finished_at")[:10]
    )
    return [
        {
            "approved": review.status == TaskState.STATUS_APPROVED,
            "person": review.finished_by,
            "at": review.finished_at,
            "comment": review.comment,
            "stage": review.task.name,
        }
        for review in decided
    ]


def asked_changes(post) -> str:
    """What the last reviewer wants changed, in their words; empty unless the newest draft was sent back."""
    if post.draft_state != State.CHANGES_REQUESTED:
        return ""
    review = next((review for review in reviews_of(post) if not review["approved"]), None)
    if review is None:
        return ""
    person = review["person"] or _("A client")
    return _("%(person)s asked for changes: %(comment)s") % {"person": person, "comment": review["comment"]}


def state_tag(state: str, label: str = "") -> str:
    """A post's state as a coloured tag; colour is never the only sign, the word is there."""
    return format_html(
        '<span class="st-state st-state--{}">{}</span>', state.replace("_", "-"), label or State(state).label
    )


def due_tag(due: datetime.datetime | None, zone: str) -> str:
    """Until when a review wants a decision, on the clock of `zone`; empty where it does not say."""
    if due is None:
        return ""
    if due <= clock.now():
        return format_html('<span class="st-due st-due--late">{}</span>', _("Overdue since %s") % in_zone(due, zone))
    return format_html('<span class="st-due">{}</span>', _("Decide by %s") % in_zone(due, zone))


def label_tag(label) -> str:
    """A label or a campaign as a coloured word."""
    return format_html('<span class="st-label st-label--{}">{}</span>', label.colour, label.name)


def newer_draft_label(post) -> str:
    """What the second tag says when a newer draft stands beside what is scheduled or published."""
    return {
        State.IN_REVIEW: _("Newer draft in review"),
        State.CHANGES_REQUESTED: _("Changes requested to newer draft"),
        State.APPROVED: _("Newer version approved"),
    }.get(State(post.draft_state), _("Newer draft"))

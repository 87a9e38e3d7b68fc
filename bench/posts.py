"""Organizations full of posts, made in bulk: a hundred times faster than one by one, the same in the database.

Every organization has an Owner, an Admin, a Member and a Viewer, a channel on
each network, and posts in every state, planned from eight weeks ago to eight
weeks ahead, with their first revisions, deliveries and reviews.
"""

import datetime
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models.sql import InsertQuery
from django.utils import timezone
from wagtail.models import Revision, TaskState, WorkflowState

from billing.models import PlanGrant
from content_studio.drafting import segment
from content_studio.labels import Campaign, Label
from content_studio.messages import messages_for
from content_studio.models import SocialPost, Workspace
from content_studio.searching import note_words
from organizations.creating import create_organization
from organizations.models import BasePage, Membership, Organization, Role, User
from publishing.localtime import as_stored
from publishing.models import Channel, Delivery, Network

PASSWORD = "correct-horse-9"
TEXTS = [
    "Our new roof is ready. It keeps the rain out and the house cool. Come and see it on Saturday.",
    "Three things we learned from two hundred kitchens: light, light, and a place for the bread.",
    "We are looking for somebody who likes slate, heights and early mornings. Is it you?",
]
# As a team's posts are spread: most are out, some are planned, a few are in the works.
STATES = (
    ["published"] * 10 + ["scheduled"] * 4 + ["draft"] * 3 + ["in_review", "approved", "changes_requested", "failed"]
)


@dataclass
class Team:
    """An organization with one person in each role."""

    organization: Organization
    people: dict[str, User]
    channels: list[Channel]


def make_team(name: str) -> Team:
    """An organization on the Team plan with people and channels, without posts."""
    slug = name.lower().replace(" ", "-")
    people = {}
    for role in Role:
        person = User.objects.create_user(f"{role}@{slug}.test", password=PASSWORD, first_name=role.label)
        person.emailaddress_set.create(email=person.email, verified=True, primary=True)
        people[str(role)] = person
    organization = create_organization(name=name, owner=people["owner"], timezone="Europe/Berlin")
    PlanGrant.objects.create(organization=organization, plan="team", reason="bench", starts_at=timezone.now())
    for role in ("admin", "member", "viewer"):
        Membership.objects.create(organization=organization, user=people[role], role=role)
    channels = [
        Channel.objects.create(
            organization=organization, network=network, sandbox=True, name=f"{name} on {network.label}", handle=slug
        )
        for network in Network
    ]
    return Team(organization, people, channels)


@transaction.atomic
def add_posts(team: Team, count: int) -> list[SocialPost]:
    """So many posts more."""
    organization, today = team.organization, timezone.now().replace(minute=0, second=0, microsecond=0)
    workspace = Workspace.objects.select_for_update().get(organization=organization)
    campaign = Campaign.objects.get_or_create(organization=organization, name="Spring")[0]
    label = Label.objects.get_or_create(organization=organization, name="Launch")[0]
    content_type = ContentType.objects.get_for_model(SocialPost)
    posts = []
    for number in range(count):
        state = STATES[number * 8 % len(STATES)]  # any twenty-one in a row have them all
        days = number * 7919 % 56 + 1  # spread over eight weeks, the same every time
        planned = today + datetime.timedelta(days=days if state in ("scheduled", "draft", "in_review") else -days)
        post = SocialPost(
            title=f"{TEXTS[number % 3][:40]} {number}",
            owner=team.people["member"],
            live=False,
            has_unpublished_changes=True,
            depth=workspace.depth + 1,
            path=SocialPost._get_path(workspace.path, workspace.depth + 1, workspace.numchild + number + 1),
            locale_id=workspace.locale_id,
            content_type=content_type,
            organization=organization,
            campaign=campaign if number % 4 == 0 else None,
            state=state,
            draft_state=state,
            planned_local=as_stored(planned.replace(tzinfo=None)),
            planned_timezone=organization.timezone,
        )
        post.slug, post.draft_title = str(post.uuid), post.title
        post.body = [("segment", segment(TEXTS[(number + each) % 3])) for each in range(1 + number % 3)]
        post.channels.set([team.channels[number % len(team.channels)], team.channels[(number + 1) % 5]])
        post.wagtail_admin_comments = []
        post.set_url_path(workspace)
        posts.append(post)
    _insert_pages(posts)
    BasePage.objects.filter(pk=workspace.pk).update(numchild=workspace.numchild + count)
    _insert_revisions(posts, team)
    note_words(posts)
    SocialPost.labels.through.objects.bulk_create(
        SocialPost.labels.through(socialpost_id=post.pk, label_id=label.pk) for post in posts[::5]
    )
    _insert_deliveries([post for post in posts if post.state in ("published", "scheduled", "failed")], team)
    _insert_reviews([post for post in posts if post.state == "in_review"], team)
    return posts


def analyze() -> None:
    """Lets PostgreSQL count what is there, as it does by itself some minutes after such growth."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _insert_pages(posts: list[SocialPost]) -> None:
    columns = [field.attname for field in BasePage._meta.concrete_fields if not field.primary_key]
    rows = [BasePage(**{name: getattr(post, name) for name in columns}) for post in posts]
    for post, row in zip(posts, BasePage.objects.bulk_create(rows, batch_size=500), strict=True):
        post.id = post.basepage_ptr_id = row.pk
    for start in range(0, len(posts), 500):
        query = InsertQuery(SocialPost)
        query.insert_values(SocialPost._meta.local_concrete_fields, posts[start : start + 500], raw=True)
        query.get_compiler(connection=connection).execute_sql()
    Chosen = SocialPost.channels.through
    Chosen.objects.bulk_create(
        [Chosen(socialpost_id=post.pk, channel_id=each.pk) for post in posts for each in post.channels.all()],
        batch_size=1000,
    )


def _insert_revisions(posts: list[SocialPost], team: Team) -> None:
    base = ContentType.objects.get_for_model(BasePage)
    now = timezone.now()
    revisions = [
        Revision(
            content_type_id=post.content_type_id,
            base_content_type=base,
            object_id=str(post.pk),
            user=team.people["member"],
            created_at=now - datetime.timedelta(minutes=number),
            content=post.serializable_data(),
            object_str=str(post),
        )
        for number, post in enumerate(posts)
    ]
    for post, revision in zip(posts, Revision.objects.bulk_create(revisions, batch_size=500), strict=True):
        post.latest_revision, post.latest_revision_created_at = revision, revision.created_at
    BasePage.objects.bulk_update(
        [BasePage(pk=post.pk, latest_revision=post.latest_revision, latest_revision_created_at=now) for post in posts],
        ["latest_revision", "latest_revision_created_at"],
        batch_size=500,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE content_studio_socialpost AS post SET approved_revision_id = page.latest_revision_id,"
            " approved_by_id = %s, approved_at = now() FROM organizations_basepage AS page"
            " WHERE page.id = post.basepage_ptr_id AND page.organization_id = %s"
            " AND post.state IN ('approved', 'scheduled', 'published', 'failed')",
            [team.people["admin"].pk, team.organization.pk],
        )


def _insert_deliveries(posts: list[SocialPost], team: Team) -> None:
    deliveries = []
    for post in posts:
        due = post.planned_local
        for channel, message in messages_for(post).items():
            out = post.state == "published"
            deliveries.append(
                Delivery(
                    organization=team.organization,
                    channel=channel,
                    post_id=post.uuid,
                    revision_id=post.latest_revision_id,
                    message=message.to_json(),
                    content_hash=message.content_hash(),
                    state=post.state,
                    due_at=due,
                    local_time=post.planned_local,
                    timezone=post.planned_timezone,
                    next_attempt_at=due,
                    remote_id=str(post.pk) if out else "",
                    published_at=due if out else None,
                    failure="The network refused it." if post.state == "failed" else "",
                    created_by=team.people["admin"],
                )
            )
    Delivery.objects.bulk_create(deliveries, batch_size=500)


def _insert_reviews(posts: list[SocialPost], team: Team) -> None:
    if not posts:
        return
    workflow = posts[0].get_workflow()
    task = workflow.tasks.first()
    member, base = team.people["member"], ContentType.objects.get_for_model(BasePage)
    reviews = WorkflowState.objects.bulk_create(
        WorkflowState(
            content_type_id=post.content_type_id,
            base_content_type=base,
            object_id=str(post.pk),
            workflow=workflow,
            requested_by=member,
        )
        for post in posts
    )
    task_type = ContentType.objects.get_for_model(TaskState)
    tasks = TaskState.objects.bulk_create(
        TaskState(workflow_state=review, revision=post.latest_revision, task=task, content_type=task_type)
        for post, review in zip(posts, reviews, strict=True)
    )
    for review, task_state in zip(reviews, tasks, strict=True):
        review.current_task_state = task_state
    WorkflowState.objects.bulk_update(reviews, ["current_task_state"])

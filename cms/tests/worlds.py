"""Two organizations full of data, one of them marked, for looking through the wall between them."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from functools import cache

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import UUIDField
from django.utils import timezone
from wagtail.admin.models import EditingSession
from wagtail.contrib.redirects.models import Redirect
from wagtail.images.tests.utils import get_test_image_file
from wagtail.log_actions import log
from wagtail.models import Comment, CommentReply, PageSubscription, UploadedFile, Workflow
from wagtail.users.models import UserProfile

from billing.models import KeptItem, PlanChange, PlanGrant, Reservation, UsageEntry, UsagePeriod, WithoutSeat
from content_studio import client_review
from content_studio.ai.models import BrandVoice
from content_studio.guidelines import Guidelines
from content_studio.imports import ImportRow, PostImport
from content_studio.labels import Campaign, Label
from content_studio.library import HashtagSet, SavedBrief, Signature, Tone, UtmPreset
from content_studio.lookups import LinkLookup
from content_studio.models import ApprovalTask, Generation, ReviewReminder, SocialPost, StageApproval, Workspace
from content_studio.promotions import Promotion
from content_studio.queues import ChannelQueue, QueueSlot
from content_studio.review_links import Remark
from organizations import team
from organizations.access import working_for
from organizations.factories import MembershipFactory, OrganizationFactory, UserFactory
from organizations.models import (
    ApiKey,
    BasePage,
    Export,
    FormerMembership,
    KeptAnswer,
    LibraryDocument,
    LibraryImage,
    Role,
    User,
)
from organizations.walls import behind_wall_of, standing
from publishing.factories import ChannelFactory, DeliveryFactory
from publishing.models import Attempt, FailureNotice, PublishingPolicy, SandboxPost
from webhooks.models import Attempt as WebhookAttempt
from webhooks.models import Endpoint, Event, Telling

MARK = "Zyxmarker"


@dataclass
class World:
    organization: object
    people: dict
    uuids_of: dict[str, list] = field(default_factory=dict)  # by the model's name
    numbers: tuple = ()

    @property
    def uuids(self) -> set:
        return {uuid for uuids in self.uuids_of.values() for uuid in uuids}


def build(name: str, *, domain: str, first: int = 0) -> World:
    """An organization with something in every room, each text carrying `name`."""
    people = {}
    people["owner"] = UserFactory(email=f"owner@{domain}", first_name=f"{name}-owner", last_name=name)
    organization = OrganizationFactory(name=name, owner=people["owner"])
    for role in (Role.ADMIN, Role.MEMBER, Role.VIEWER):
        people[role.value] = UserFactory(
            email=f"{role.value}@{domain}", first_name=f"{name}-{role.value}", last_name=name
        )
        MembershipFactory(organization=organization, user=people[role.value], role=role)
    with working_for(organization):
        _fill(organization, people, name)
        _fill_once(organization, people, name)
    return World(organization, people, _uuids_of(organization), (first, first + 1))


def _fill(organization, people, name) -> None:
    now = timezone.now()
    PlanGrant.objects.create(organization=organization, plan="pro", reason=f"{name} reason", starts_at=now)
    folder = organization.collection.add_child(name=f"{name} folder")
    image = LibraryImage.objects.create(
        title=f"{name} picture",
        file=get_test_image_file(f"{name}.png"),
        collection=folder,
        uploaded_by_user=people["member"],
    )
    image.tags.add(f"{name}-tag")
    image.get_rendition("max-165x165")
    organization.logo = image
    organization.save(update_fields=["logo"])
    document = LibraryDocument.objects.create(
        title=f"{name} document",
        file=ContentFile(name.encode(), f"{name}.txt"),
        collection=folder,
        uploaded_by_user=people["member"],
    )
    document.tags.add(f"{name}-paper")
    channel = ChannelFactory(organization=organization, name=f"{name} channel", handle=f"{name}handle")
    workspace = Workspace.objects.get(organization=organization)
    for number in range(3):
        post = SocialPost(
            title=f"{name} post {number}", slug=f"{name.lower()}-{number}", owner=people["member"], live=False
        )
        post.body = [("segment", {"text": f"{name} kettle {number}", "media": [], "link": []})]
        workspace.add_child(instance=post)
        post.channels.add(channel)
        post.save_revision(user=people["member"], log_action=True)
    post.get_workflow().start(post, people["member"])
    ReviewReminder.objects.create(task_state=post.current_workflow_task_state, day=0)
    post.locked, post.locked_by, post.locked_at = True, people["admin"], timezone.now()
    post.save()
    comment = Comment.objects.create(page=post, user=people["member"], text=f"{name} comment", contentpath="body")
    CommentReply.objects.create(comment=comment, user=people["admin"], text=f"{name} reply")
    delivery = DeliveryFactory(
        channel=channel,
        text=f"{name} message",
        post_id=post.uuid,
        revision_id=post.latest_revision_id,
        due_at=timezone.now() + timedelta(hours=2),
        created_by=people["admin"],
        failure=f"{name} failure",
    )
    Campaign.objects.create(organization=organization, name=f"{name} campaign")
    Label.objects.create(organization=organization, name=f"{name} label")
    table = PostImport.objects.create(organization=organization, name=f"{name} table", made_by=people["member"])
    ImportRow.objects.create(post_import=table, number=2, values={"text": f"{name} row"}, post=post)
    link = client_review.make_link(
        organization, user=people["admin"], name=f"{name} client", posts=[SocialPost.objects.get(pk=post.pk)]
    )
    Remark.objects.create(link=link, post=post, revision_id=1, person=f"{name} client", text=f"{name} remark")
    queue = ChannelQueue.objects.create(organization=organization, channel=channel, timezone="UTC")
    QueueSlot.objects.create(queue=queue, weekday=0, time=time(9))
    endpoint = Endpoint.objects.create(
        organization=organization, url=f"https://{name.lower()}.test/hook", event_types=["post.failed"]
    )
    event = Event.objects.create(organization=organization, type="post.failed", data={"title": f"{name} event"})
    telling = Telling.objects.create(endpoint=endpoint, event=event)
    WebhookAttempt.objects.create(telling=telling, milliseconds=1, answer=f"{name} answer")
    FailureNotice.objects.create(channel=channel, failure_kind="rejected", told_at=now)
    BrandVoice.objects.create(organization=organization, name=f"{name} voice", description=f"{name} sound")
    Tone.objects.create(organization=organization, name=f"{name} tone", instruction=f"{name} way")
    HashtagSet.objects.create(organization=organization, name=f"{name} tags", tags=f"#{name}")
    Signature.objects.create(organization=organization, name=f"{name} signature", text=f"{name} team")
    UtmPreset.objects.create(organization=organization, name=f"{name} utm", campaign=f"{name}-campaign")
    Guidelines.objects.get_or_create(organization=organization, defaults={"partners": f"{name} partner"})
    LinkLookup.objects.create(
        organization=organization, url=f"https://{name}.example/x", digest=name, status=404, looked_up_at=now
    )
    SavedBrief.objects.create(organization=organization, name=f"{name} brief", prompt=f"{name} wish")
    Promotion.objects.create(
        organization=organization, post=post, url=f"https://{name}.example", title=f"{name} page", gone=True,
        changed_at=now,
    )  # fmt: skip
    Attempt.objects.create(delivery=delivery, number=1, started_at=timezone.now(), explanation=f"{name} attempt")
    SandboxPost.objects.create(channel=channel, idempotency_key=name, text=f"{name} on the timeline")
    PageSubscription.objects.create(page=post, user=people["member"], comment_notifications=True)
    for person in people.values():
        UserProfile.get_for_user(person)
    gone = UserFactory(email=f"gone@{name.lower()}.test", first_name=f"{name}-gone")
    FormerMembership.objects.create(organization=organization, user=gone)
    team.invite(organization, email=f"invited@{name.lower()}.test", role=Role.VIEWER, user=people["owner"])
    ApiKey.objects.create(organization=organization, name=f"{name} key", prefix=name[:8], secret_digest=name)
    log(organization, "organizations.create_key", user=people["owner"], data={"name": f"{name} key"})
    archive = Export(organization=organization, requested_by=people["owner"], state=Export.State.READY, expires_at=now)
    archive.file.save(f"{name}.zip", ContentFile(name.encode()))
    UsagePeriod.objects.get_or_create(organization=organization, starts_at=now, ends_at=now + timedelta(days=30))
    Generation.objects.create(
        organization=organization,
        user=people["member"],
        post=post,
        network="x",
        tone="warm",
        prompt=f"{name} prompt",
        provider="demo",
        segments=[f"{name} text"],
    )


def _fill_once(organization, people, name) -> None:
    """What an organization or a person has one of, and rows that hang on them without being in any list."""
    now, member, owner = timezone.now(), people["member"], people["owner"]
    post = SocialPost.objects.filter(organization=organization, locked=True).get()
    state = post.current_workflow_task_state
    Workflow.objects.filter(workflow_tasks__task=state.task).update(name=f"{name} review")
    ApprovalTask.objects.filter(pk=state.task_id).update(name=f"{name} stage")
    ApprovalTask.objects.get(pk=state.task_id).approvers.add(people["admin"], owner)
    StageApproval.objects.create(
        task_state=state, revision_id=post.latest_revision_id, user=owner, comment=f"{name} approval"
    )
    post.labels.add(Label.objects.get(organization=organization))
    EditingSession.objects.create(user=member, content_object=BasePage.objects.get(pk=post.pk), last_seen_at=now)
    mention = f"{name} asks @{owner.get_full_name()}"
    Comment.objects.create(page=post, user=people["viewer"], text=mention, contentpath="body")
    Redirect.objects.create(old_path=f"/{name.lower()}-moved", redirect_link=f"https://{name.lower()}.example/")
    PublishingPolicy.objects.create(organization_id=organization.pk, suspended_reason=f"{name} pause")
    KeptAnswer.objects.create(
        organization=organization, user=member, key=f"{name} key", fingerprint=name, status=200, body={"said": name}
    )
    channel = organization.channels.get()
    KeptItem.objects.create(organization=organization, limit="channels", item_id=str(channel.pk), chosen_by=owner)
    PlanChange.objects.create(organization=organization, before="free", after="pro", source="grant")
    WithoutSeat.objects.create(membership=organization.memberships.get(user=people["viewer"]))
    period = organization.usage_periods.first()
    promise = Reservation.objects.create(period=period, tokens=1, user=member, expires_at=now + timedelta(hours=1))
    UsageEntry.objects.create(
        period=period, reservation=promise.pk, kind="reserve", tokens=0, held=1, model=f"{name} model", user=member
    )
    _fill_accounts(people, name)


def _fill_accounts(people, name) -> None:
    """What is a person's alone: it says the organization's name, so that it is known again wherever it shows."""
    now = timezone.now()
    for role, person in people.items():
        address = f"{role}.second@{name.lower()}.test"
        EmailAddress.objects.create(user=person, email=address, verified=True)
        SocialAccount.objects.create(user=person, provider="company", uid=address, extra_data={"name": f"{name} there"})
        UserSession.objects.create(user=person, ip="127.0.0.1", session_key=address, user_agent=f"{name} browser")
        UploadedFile.objects.create(uploaded_by_user=person, file=ContentFile(b"x", f"{name}-half.txt"))
    # On somebody who left: whoever signs in during the crawl would be asked for it.
    gone = User.objects.get(email=f"gone@{name.lower()}.test")
    Authenticator.objects.create(
        user=gone, type=Authenticator.Type.WEBAUTHN, data={"name": f"{name} passkey"}, last_used_at=now
    )


def _uuids_of(organization) -> dict[str, list]:
    """By model: up to two ids of rows that belong to it, as addresses name them; a person's for each role."""
    found: dict[str, list] = {}
    for model in apps.get_models():
        names = [field.name for field in model._meta.local_fields if isinstance(field, UUIDField) and field.unique]
        if not names or model._meta.db_table not in _walled():
            continue
        with standing(behind_wall_of(organization, user=None)):
            rows = model._base_manager.order_by("pk")
            found[model._meta.model_name] = [
                row for name in names for row in rows.values_list(name, flat=True)[: 4 if model is User else 1]
            ]
    return found


@cache
def _walled():
    from organizations.deriving_policies import policies

    return policies()


def align_numbers() -> int:
    """Lets every table with numbers for ids go on from the same number, and says which: one that none has used."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(coalesce(last_value, 0)) + 1000 FROM pg_sequences WHERE schemaname = 'public'")
        first = cursor.fetchone()[0]
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(quote_ident(table_name), column_name), %s, false)"
            " FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name = 'id' AND is_identity = 'YES'",
            [first],
        )
    return first


def everything_of(organization, only=None) -> dict[str, str]:
    """A fingerprint of every table as it is behind the organization's wall, the public site's rows among them.

    `only` names the tables to look at.
    """
    parts = [
        f"SELECT '{table}', md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM {table} t"
        for table in sorted(_walled())
        if table not in {"wagtailadmin_editingsession"} and (only is None or table in only)
    ]
    if not parts:
        return {}
    with standing(behind_wall_of(organization, user=None)), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return dict(cursor.fetchall())


def writes() -> dict[str, int]:
    """How many rows of each table this transaction has written so far; what it took back counts too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return dict(cursor.fetchall())


def rows_of(organization) -> dict[str, int]:
    """How many rows each walled table has behind the organization's wall."""
    with standing(behind_wall_of(organization, user=None)), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in sorted(_walled())))
        return dict(cursor.fetchall())

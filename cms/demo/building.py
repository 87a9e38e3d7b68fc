"""Puts the demo organization together, through the same functions that people's clicks go through."""

import datetime
import random
import zoneinfo

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from wagtail.models import Comment, Revision

from billing.models import PlanGrant
from billing.plans import TEAM
from content_studio import client_review, drafting, planning, queueing
from content_studio.ai.models import BrandVoice
from content_studio.generating import generate_post
from content_studio.labels import Campaign
from content_studio.library import HashtagSet, SavedBrief, Signature, UtmPreset
from content_studio.messages import messages_for
from content_studio.models import SocialPost
from organizations.access import working_for
from organizations.creating import create_organization
from organizations.models import LibraryImage, Membership, Organization, User
from publishing.localtime import as_stored, to_utc
from publishing.models import Attempt, Channel, Delivery, SandboxPost
from publishing.signals import delivery_finished

from . import content, pictures


def is_there() -> bool:
    return User.objects.filter(email=content.PEOPLE[0][0]).exists()


def build() -> Organization:
    """Makes the people, the organization, its channels, pictures and posts, all or nothing; then drafts by AI."""
    organization, people = _organization_with_posts()
    with working_for(organization):
        for email, network, tone, prompt in content.BRIEFS:
            brief = {"network": network, "tone": tone, "prompt": prompt, "provider": "demo"}
            generate_post(organization=organization, user=people[email], **brief)
    return organization


@transaction.atomic
def _organization_with_posts() -> tuple[Organization, dict[str, User]]:
    password = make_password(content.PASSWORD)  # once: hashing is slow on purpose
    people = {
        email: User.objects.create(email=email, password=password, first_name=first, last_name=last)
        for email, first, last, _role in content.PEOPLE
    }
    EmailAddress.objects.bulk_create(
        EmailAddress(user=person, email=email, verified=True, primary=True) for email, person in people.items()
    )
    owner = next(people[email] for email, *_names, role in content.PEOPLE if role == "owner")
    organization = create_organization(name=content.ORGANIZATION, owner=owner, timezone=content.TIMEZONE)
    PlanGrant.objects.create(
        organization=organization, plan=TEAM.key, reason="Demo data", starts_at=timezone.now(), granted_by=owner
    )
    for email, *_names, role in content.PEOPLE:
        if people[email] != owner:
            Membership.objects.create(organization=organization, user=people[email], role=role)
    with working_for(organization):
        build = _Build(organization, people)
        for post in content.POSTS:
            build.add(post)
        build.furnish()
    return organization, people


class _Build:
    def __init__(self, organization, people):
        self.organization = organization
        self.people = people
        self.approver = people["admin@demo.test"]
        self.zone = zoneinfo.ZoneInfo(content.TIMEZONE)
        self.today = timezone.now().astimezone(self.zone).date()
        self.channels = {
            network: Channel.objects.create(
                organization=organization,
                network=network,
                sandbox=True,
                name=name,
                handle=handle,
                connected_by=people["owner@demo.test"],
            )
            for network, name, handle in content.CHANNELS
        }
        self.campaign = Campaign.objects.create(
            organization=organization, name=content.CAMPAIGN, colour=content.CAMPAIGN_COLOUR
        )
        self.voice = BrandVoice.objects.create(organization=organization, is_default=True, **content.VOICE)
        self.pictures = {name: self._picture(name, alt, draw) for name, (alt, draw) in pictures.PICTURES.items()}

    def _picture(self, name, alt, draw) -> LibraryImage:
        file = ContentFile(pictures.jpeg(draw()), name=f"{name}.jpg")
        return LibraryImage.objects.create(
            title=alt,
            file=file,
            width=pictures.SIZE[0],
            height=pictures.SIZE[1],
            organization=self.organization,
            collection=self.organization.collection,
            uploaded_by_user=self.people["member@demo.test"],
        )

    def add(self, demo: content.DemoPost) -> SocialPost:
        author = self.people[demo.author]
        post = drafting.create_draft(
            organization=self.organization,
            user=author,
            segments=self._segments(demo),
            channels=[self.channels[network] for network in demo.networks],
        )
        local = self._local(demo)
        if local:
            post.planned_local, post.planned_timezone = as_stored(local), content.TIMEZONE
            SocialPost.objects.filter(pk=post.pk).update(
                planned_local=post.planned_local, planned_timezone=post.planned_timezone
            )
        if demo.campaign:
            SocialPost.objects.filter(pk=post.pk).update(campaign=self.campaign)
        if demo.state == "draft":
            return post
        post = planning.submit_post(post, user=author)
        if demo.state == "changes_requested":
            return planning.request_changes(post, user=self.approver, comment=demo.comment)
        if demo.state == "in_review":
            return post
        post = planning.approve_post(post, user=self.approver)
        if demo.state == "scheduled" and local:
            planning.schedule_post(post, local_time=local, timezone=content.TIMEZONE, user=self.approver)
        elif demo.state in ("published", "failed"):
            self._past(post, demo, local)
        return post

    def furnish(self) -> None:
        """What a team has around its posts: queues, pieces to write with, a remark, and a link for a client."""
        for network, weekdays, times in content.SLOTS:
            slots = [datetime.time.fromisoformat(time) for time in times]
            queueing.add_slots(self.channels[network], weekdays=weekdays, times=slots, user=self.approver)
        HashtagSet.objects.create(organization=self.organization, **content.HASHTAGS)
        Signature.objects.create(organization=self.organization, **content.SIGNATURE)
        UtmPreset.objects.create(organization=self.organization, **content.LINK_TAGS)
        SavedBrief.objects.create(organization=self.organization, voice=self.voice, **content.SAVED_BRIEF)
        waiting = SocialPost.objects.filter(organization=self.organization, state=SocialPost.State.IN_REVIEW)
        posts = list(waiting.order_by("pk"))
        where = f"body.{posts[0].body[0].id}.text"
        Comment.objects.create(page=posts[0], user=self.approver, text=content.REMARK, contentpath=where)
        client_review.make_link(
            self.organization, user=self.approver, name=content.CLIENT, posts=posts, may_approve=False
        )

    def _segments(self, demo) -> list[dict]:
        media, link = [], None
        if demo.picture:
            picture = self.pictures[demo.picture]
            media = [("image", {"image": picture, "alt": picture.title, "decorative": False})]
        if demo.link:
            link = {"url": demo.link, "title": "", "description": "", "image": None}
        first, *rest = demo.texts
        return [drafting.segment(first, media=media, link=link), *(drafting.segment(text) for text in rest)]

    def _local(self, demo) -> datetime.datetime | None:
        if demo.days is None:
            return None
        time = datetime.time.fromisoformat(demo.time)
        return datetime.datetime.combine(self.today + datetime.timedelta(days=demo.days), time)

    def _past(self, post, demo, local) -> None:
        """What the engine would have left behind: a post cannot be scheduled into the past."""
        due = to_utc(local, content.TIMEZONE).utc
        Revision.objects.filter(pk=post.latest_revision_id).update(created_at=due - datetime.timedelta(days=2))
        revision = post.latest_revision
        for channel, message in messages_for(revision.as_object()).items():
            took = datetime.timedelta(milliseconds=random.Random(str(channel.pk)).randint(140, 900))  # noqa: S311
            delivery = Delivery(
                organization=self.organization,
                channel=channel,
                post_id=post.uuid,
                revision_id=revision.pk,
                message=message.to_json(),
                content_hash=message.content_hash(),
                due_at=due,
                local_time=as_stored(local),
                timezone=content.TIMEZONE,
                next_attempt_at=due,
                attempt_count=1,
                created_by=self.approver,
            )
            attempt = Attempt(delivery=delivery, number=1, started_at=due, finished_at=due + took, worker="demo")
            if demo.state == "published":
                first = self._on_the_timeline(channel, delivery, message, due + took)
                delivery.state = Delivery.State.PUBLISHED
                delivery.remote_id, delivery.published_at = str(first.pk), due + took
                Channel.objects.filter(pk=channel.pk).update(last_success_at=due + took)
                attempt.outcome = Attempt.Outcome.PUBLISHED
            else:
                delivery.state = Delivery.State.FAILED
                delivery.failure, delivery.failure_kind = demo.failure, Attempt.Outcome.REJECTED
                attempt.outcome, attempt.explanation = Attempt.Outcome.REJECTED, demo.failure
            delivery.save()
            attempt.save()
            delivery_finished.send(sender=Delivery, delivery=delivery)

    def _on_the_timeline(self, channel, delivery, message, moment) -> SandboxPost:
        posted: list[SandboxPost] = []
        for index, segment in enumerate(message.to_json()["segments"]):
            post = SandboxPost.objects.create(
                channel=channel,
                idempotency_key=f"{delivery.pk}:{index}",
                in_reply_to=posted[-1] if posted else None,
                text=segment["text"],
                media=segment["media"],
                link=segment["link"] or {},
            )
            SandboxPost.objects.filter(pk=post.pk).update(created_at=moment)
            posted.append(post)
        return posted[0]

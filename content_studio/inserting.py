"""Adds a new post to the tree with its first revision, in a dozen statements instead of Wagtail's seventy.

Wagtail's own way (`add_child`, then `save_revision`) writes and validates the
same page twice, looks each relation up before it is used and indexes the page
after each of the two writes: fine for a person who saves a form, too slow for
an API that answers while somebody waits, or for an import of hundreds. What is
in the database afterwards is the same; a test compares the two. Only for pages
that never existed: everything later goes Wagtail's way.
"""

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.log_actions import get_active_log_context
from wagtail.models import PageLogEntry, ReferenceIndex, Revision
from wagtail.search.backends import get_search_backends

from organizations.models import BasePage
from webhooks.events import EventType

from . import lookups, searching
from .models import SocialPost, Workspace
from .telling import tell


def insert_post(post: SocialPost, *, below: Workspace, user, channels=()) -> Revision:
    """Makes the unsaved `post` the last page below `below`, whose row the caller has locked, with a first revision.

    Must run inside the caller's transaction. Raises ValidationError as saving the form would.
    """
    _place(post, below)
    post.owner = user
    post.live = False
    post.has_unpublished_changes = True
    channels = list(channels)
    post.channels.set(channels)
    post.wagtail_admin_comments = []  # or the revision would ask for them
    _check(post)

    # A raw save writes one table at a time and nothing besides, as when fixtures are loaded.
    row = BasePage(**{field.attname: getattr(post, field.attname) for field in _columns()})
    row.save_base(raw=True, force_insert=True)
    post.id = post.basepage_ptr_id = row.pk
    post.save_base(raw=True, force_insert=True)
    BasePage.objects.filter(pk=below.pk).update(numchild=below.numchild + 1)

    Chosen = SocialPost.channels.through
    Chosen.objects.bulk_create([Chosen(socialpost_id=post.pk, channel_id=channel.pk) for channel in channels])

    revision = _first_revision(post, user)
    searching.note_words([post])
    _log(post, revision, user)
    for backend in get_search_backends(with_auto_update=True):
        backend.add(post)
    if any(block.block_type == "override" for block in post.body) or any(
        value.get("media") or value.get("link") for value in post.segments
    ):
        ReferenceIndex.create_or_update_for_object(post)
    tell(post, EventType.POST_CREATED, user=user)
    lookups.ask_for(post)
    return revision


def _columns():
    return [field for field in BasePage._meta.concrete_fields if not field.primary_key]


def _place(post: SocialPost, below: Workspace) -> None:
    last = below.get_children().order_by("-path").values_list("path", flat=True).first()
    post.depth = below.depth + 1
    post.path = SocialPost(path=last)._inc_path() if last else SocialPost._get_path(below.path, post.depth, 1)
    post.numchild = 0
    post.slug = post.slug or str(post.uuid)
    post.locale_id = below.locale_id
    post.content_type = ContentType.objects.get_for_model(SocialPost)
    post.draft_title = post.title
    post.set_url_path(below)


def _check(post: SocialPost) -> None:
    """What the form checks, but for what holds by construction: relations that exist, and uniqueness by uuid."""
    relations = {field.name for field in post._meta.concrete_fields if field.is_relation}
    post.clean_fields(exclude=relations)
    if any(channel.organization_id != post.organization_id for channel in post.channels.all()):
        raise ValidationError({"channels": _("Choose among your organization's own channels.")})


def _first_revision(post: SocialPost, user) -> Revision:
    revision = Revision(
        content_object=post,
        base_content_type=post.get_base_content_type(),
        user=user,
        created_at=timezone.now(),
        content=post.serializable_data(),
        object_str=str(post),
    )
    Revision.objects.bulk_create([revision])
    post.latest_revision = revision
    post.latest_revision_created_at = revision.created_at
    BasePage.objects.filter(pk=post.pk).update(latest_revision=revision, latest_revision_created_at=revision.created_at)
    return revision


def _log(post: SocialPost, revision: Revision, user) -> None:
    PageLogEntry.objects.bulk_create(
        [
            PageLogEntry(
                page_id=post.pk,
                content_type=post.content_type,
                label=post.title,
                action="wagtail.create",
                timestamp=revision.created_at,
                uuid=get_active_log_context().uuid,
                user=user,
                revision=revision,
                content_changed=True,
            )
        ]
    )

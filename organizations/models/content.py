"""Pages and media that know whose they are.

Wagtail's own pages, images and documents belong to nobody. Here each carries
the organization that owns it; none is what belongs to the public site. See
docs/decisions/0002-tenant-key-on-pages-and-media.md.
"""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.documents.models import AbstractDocument, Document
from wagtail.images.models import AbstractImage, AbstractRendition, Image
from wagtail.models import AbstractPage, Collection
from wagtail.models.pages import AbstractPageMeta, DefaultBasePageMixin
from wagtail.search import index

from ..uploads import check_document

OWNER: dict[str, Any] = {
    "to": "organizations.Organization",
    "verbose_name": _("organization"),
    "null": True,
    "blank": True,
    "editable": False,
    "on_delete": models.PROTECT,
    "related_name": "+",
}


class BasePage(AbstractPage, DefaultBasePageMixin):
    """Any page. `organization` is the owner; none means the public site."""

    organization = models.ForeignKey(**OWNER)

    search_fields = [
        *AbstractPage.search_fields,
        *DefaultBasePageMixin.search_fields,
        index.FilterField("organization_id"),
    ]
    promote_panels = DefaultBasePageMixin.promote_panels

    class Meta(AbstractPageMeta):
        # A page of a list in this order, whatever the number of an organization's posts; and the wall around what
        # hangs on pages reads whose they are from it alone.
        indexes = [
            models.Index(fields=["organization", "-latest_revision_created_at", "-id"], name="page_latest_change")
        ]

    def set_url_path(self, parent):
        # Called by Wagtail whenever a page is placed below a parent (added, moved,
        # copied): a page always belongs to whom its parent belongs to.
        if parent is not None and parent.organization_id:
            self.organization_id = parent.organization_id
        return super().set_url_path(parent)


class OwnedByCollection:
    """Media belongs to whom its collection belongs to."""

    def save(self, *args, **kwargs):
        self.organization_id = self.owner_of_collection()
        super().save(*args, **kwargs)

    def owner_of_collection(self):
        # An organization's collection is a child of the root; its own are below it.
        top = self.collection.path[: Collection.steplen * 2]
        return Collection.objects.filter(path=top).values_list("organization", flat=True).first()


class LibraryImage(OwnedByCollection, AbstractImage):
    """A picture in an organization's library, or in the public site's."""

    organization = models.ForeignKey(**OWNER)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # its name in the API

    admin_form_fields = Image.admin_form_fields

    class Meta(AbstractImage.Meta):
        permissions = [("choose_image", "Can choose image")]

    def get_upload_to(self, filename):
        # Networks fetch pictures by their address, without signing in: it must not be guessable.
        folder, _slash, name = super().get_upload_to(filename).partition("/")
        return f"{folder}/{self.uuid.hex[:16]}/{name[-60:]}"


class LibraryRendition(AbstractRendition):
    """A picture resized or cropped for one use."""

    image = models.ForeignKey(LibraryImage, on_delete=models.CASCADE, related_name="renditions")

    class Meta:
        unique_together = [("image", "filter_spec", "focal_point_key")]

    def get_upload_to(self, filename):
        folder, _slash, name = super().get_upload_to(filename).partition("/")
        return f"{folder}/{self.image.uuid.hex[:16]}/{name}"


class LibraryDocument(OwnedByCollection, AbstractDocument):
    """A file in an organization's library, or in the public site's."""

    organization = models.ForeignKey(**OWNER)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # its name in the API

    admin_form_fields = Document.admin_form_fields

    def clean(self):
        super().clean()
        if self.file and not self.file._committed:  # a new upload, not what is kept already
            try:
                check_document(self.file.file, name=self.file.name)
            except ValidationError as error:
                raise ValidationError({"file": error}) from error

    class Meta(AbstractDocument.Meta):
        permissions = [("choose_document", "Can choose document")]

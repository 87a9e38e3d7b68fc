"""Links for clients without an account: which posts, in which version, until when, and what was said by them."""

from django.conf import settings
from django.db import models
from django.utils import timezone as clock
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Organization


class ForOrganization(models.QuerySet):
    def for_organization(self, organization):
        return self.filter(organization=organization)


class ReviewLink(models.Model):
    """Whoever has the address sees these posts, and may comment; approve, where that is allowed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="review_links")
    name = models.CharField(_("for whom"), max_length=100)
    may_approve = models.BooleanField(_("may approve"), default=False)
    expires_at = models.DateTimeField(_("valid until"))
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ForOrganization.as_manager()

    class Meta:
        verbose_name = _("review link")
        verbose_name_plural = _("review links")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name

    @property
    def works(self) -> bool:
        return self.revoked_at is None and self.expires_at > clock.now()


class LinkedPost(models.Model):
    """A post that the link shows, in one version: a newer one is not shown, only told of."""

    link = models.ForeignKey(ReviewLink, on_delete=models.CASCADE, related_name="linked")
    post = models.ForeignKey("content_studio.SocialPost", on_delete=models.CASCADE, related_name="+")
    revision = models.ForeignKey("wagtailcore.Revision", on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("post of a review link")
        verbose_name_plural = _("posts of review links")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["link", "post"], name="one_place_per_post_and_link")]

    def __str__(self) -> str:
        return f"{self.link}: {self.post_id}"


class Remark(models.Model):
    """What somebody outside said of a post: a comment, an approval, or what to change."""

    class Kind(models.TextChoices):
        COMMENT = "comment", _("Comment")
        APPROVED = "approved", _("Approved")
        CHANGES = "changes", _("Changes requested")

    link = models.ForeignKey(ReviewLink, on_delete=models.CASCADE, related_name="remarks")
    post = models.ForeignKey("content_studio.SocialPost", on_delete=models.CASCADE, related_name="remarks")
    revision_id = models.IntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.COMMENT)
    person = models.CharField(_("name"), max_length=80)
    text = models.TextField(_("comment"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("remark of a client")
        verbose_name_plural = _("remarks of clients")
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_kind_display()}"

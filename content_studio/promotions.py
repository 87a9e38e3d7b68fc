"""Which posts promote which page of the public site, and what has changed there since."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.models import BasePage, Organization

from .labels import ForOrganization


class Promotion(models.Model):
    """A post that was written to promote a page of the site, with the page as it was then."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    post = models.OneToOneField("content_studio.SocialPost", on_delete=models.CASCADE, related_name="promotion")
    page = models.ForeignKey(BasePage, null=True, on_delete=models.SET_NULL, related_name="+")
    url = models.URLField(max_length=2000)
    title = models.CharField(max_length=255)
    lead = models.TextField(blank=True)
    gone = models.BooleanField(default=False)  # unpublished or deleted
    # What is different now: {"title": "The new one", "lead": …, "url": …}
    changes = models.JSONField(default=dict)
    changed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ForOrganization.as_manager()

    class Meta:
        verbose_name = _("promotion of a page")
        verbose_name_plural = _("promotions of pages")
        indexes = [models.Index(fields=["organization", "changed_at"], name="promotion_changed")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.changes.get("url") or self.url

    @property
    def is_outdated(self) -> bool:
        return self.gone or bool(self.changes)

    def sentences(self) -> list[str]:
        """What happened to the page, for whoever edits the post."""
        if self.gone:
            return [_("The page “%(title)s” is no longer on the site.") % {"title": self.title}]
        said = {
            "title": _("The page “%(before)s” is called “%(now)s” now."),
            "lead": _("The lead of the page “%(before)s” has changed: “%(now)s”"),
            "url": _("The page “%(before)s” has moved to %(now)s."),
        }
        return [said[what] % {"before": self.title, "now": now} for what, now in self.changes.items() if what in said]


def promotion_of(post) -> Promotion | None:
    """Which page `post` promotes, if any."""
    return Promotion.objects.filter(post_id=post.pk).first()

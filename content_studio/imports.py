"""A table of posts that somebody brings: what was read, and what became of each row. `importing` does it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.models import Organization


class ForOrganization(models.QuerySet):
    def for_organization(self, organization):
        return self.filter(organization=organization)


class PostImport(models.Model):
    """One file of posts: checked first, then imported in the background, and undone as a whole if need be."""

    class State(models.TextChoices):
        CHECKED = "checked", _("Checked, not imported yet")
        RUNNING = "running", _("Being imported")
        DONE = "done", _("Imported")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="post_imports")
    name = models.CharField(_("file"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.CHECKED)
    submits = models.BooleanField(_("submit for review"), default=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ForOrganization.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class ImportRow(models.Model):
    """One row of the table, and the post that came of it."""

    class State(models.TextChoices):
        READY = "ready", _("Ready")
        WRONG = "wrong", _("Cannot be imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Failed")
        UNDONE = "undone", _("Undone")
        KEPT = "kept", _("Kept")

    post_import = models.ForeignKey(PostImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # as spreadsheets count: the heading is row 1
    values = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
    problems = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    post = models.ForeignKey("content_studio.SocialPost", null=True, on_delete=models.SET_NULL, related_name="+")
    revision_id = models.IntegerField(null=True)  # the post's version as it was imported

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["post_import", "number"], name="one_row_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.post_import} {self.number}"

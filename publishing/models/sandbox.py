"""The pretend network's own table."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from .channels import Channel


class SandboxPost(models.Model):
    """A post on the pretend network: what a sandbox channel's timeline shows."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="sandbox_posts")
    idempotency_key = models.CharField(max_length=100)
    in_reply_to = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="replies")
    text = models.TextField()
    media = models.JSONField(default=list)
    link = models.JSONField(default=dict)
    poll = models.JSONField(default=dict)
    is_comment = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("sandbox post")
        verbose_name_plural = _("sandbox posts")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "idempotency_key"], name="sandbox_post_once"),
        ]
        indexes = [models.Index(fields=["channel", "-created_at", "-id"], name="sandbox_timeline")]

    def __str__(self) -> str:
        return self.text[:50]

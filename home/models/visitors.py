"""What visitors send: messages, and addresses for the newsletter."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7


class ContactMessage(models.Model):
    """A message from the contact form. `sender` is a keyed hash of the network address, good for one day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=100)
    email = models.EmailField(_("e-mail address"))
    text = models.TextField(_("message"), max_length=5000)
    sender = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(_("received"), auto_now_add=True)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["sender", "created_at"], name="contact_message_sender")]

    def __str__(self) -> str:
        return f"{self.name}: {self.text[:60]}"


class Subscription(models.Model):
    """An address for the newsletter. Only a confirmed one is written to."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail address"), unique=True)
    sender = models.CharField(max_length=64, editable=False)
    asked_at = models.DateTimeField(_("asked"), auto_now=True)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)

    class Meta:
        verbose_name = _("newsletter subscription")
        verbose_name_plural = _("newsletter subscriptions")
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["sender", "asked_at"], name="subscription_sender")]

    def __str__(self) -> str:
        return self.email

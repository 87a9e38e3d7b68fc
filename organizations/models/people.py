"""People, the organizations they form, and the role each has in each."""

import zoneinfo
from datetime import datetime, timedelta
from typing import ClassVar

from django.apps import apps
from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations import timezones


def validate_timezone(name: str) -> None:
    """Raises ValidationError unless `name` is an IANA zone known here."""
    if name not in timezones.known():
        raise ValidationError(
            _("“%(name)s” is no known time zone. Give one such as Europe/Berlin or America/New_York."),
            params={"name": name},
        )


class PeopleManager(UserManager):
    """Creates people by e-mail address: there are no user names."""

    def _create_user_object(self, username, email, password, **extra_fields):
        user = self.model(email=self.normalize_email(email), **extra_fields)
        user.set_password(password)
        return user

    def create_user(self, email, password=None, **extra_fields):
        return super().create_user(None, email, password, **extra_fields)

    def create_superuser(self, email, password=None, **extra_fields):
        """Whoever makes one works on the server: the address is believed without a mail, which may not be set up."""
        operator = super().create_superuser(None, email, password, **extra_fields)
        apps.get_model("account", "EmailAddress").objects.create(
            user=operator, email=operator.email, verified=True, primary=True
        )
        return operator

    def _create_user(self, username, email, password, **extra_fields):
        if not email:
            raise ValueError("A person needs an e-mail address: it is the log-in.")
        user = self._create_user_object(username, email, password, **extra_fields)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, email):
        return self.get(email__iexact=email)


class User(AbstractUser):
    """A person. The e-mail address is the log-in; roles come from memberships."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_person_per_email_address"),
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email


class OrganizationQuerySet(models.QuerySet):
    def for_user(self, user):
        """The organizations that `user` belongs to."""
        return self.filter(memberships__user=user)

    def at_work(self):
        """Those that nobody has deleted."""
        return self.filter(deleted_at=None)


class Organization(models.Model):
    """The tenant: everything that is written, planned, published or paid belongs to one."""

    class EditsOfApproved(models.TextChoices):
        KEEP = "keep", _("The approved version stays, and stays scheduled; the edit starts a new draft")
        TAKE_BACK = "take_back", _("The post is taken back: off the schedule, to be reviewed again")

    KEPT_FOR = timedelta(days=30)  # after it was deleted, so that it can be brought back

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    email = models.EmailField(_("billing e-mail address"), blank=True)
    timezone = models.CharField(
        _("time zone"),
        max_length=64,
        default="UTC",
        validators=[validate_timezone],
        help_text=_("Used for every date and time that people of this organization see or set."),
    )
    locale = models.CharField(_("language"), max_length=12, default="en")
    logo = models.ForeignKey(
        "organizations.LibraryImage",
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    approval_required = models.BooleanField(
        _("posts need approval"),
        default=True,
        help_text=_("When on, only a revision that somebody approved can be scheduled or published."),
    )
    second_factor_required = models.BooleanField(
        _("everybody needs a second factor"),
        default=False,
        help_text=_(
            "When on, nobody sees anything of this organization before they have set up an authenticator app or a"
            " passkey for their account. It counts for the API too."
        ),
    )
    edits_of_approved = models.CharField(
        _("editing an approved or scheduled post"),
        max_length=12,
        choices=EditsOfApproved.choices,
        default=EditsOfApproved.KEEP,
    )
    collection = models.OneToOneField(
        "wagtailcore.Collection",
        verbose_name=_("collection"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="organization",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    # Written by `deleting` alone. While it is set, nobody may do anything but take it back.
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False, db_index=True)
    deleted_by = models.ForeignKey(User, null=True, editable=False, on_delete=models.SET_NULL, related_name="+")

    members = models.ManyToManyField(User, through="Membership", related_name="organizations")

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)

    @property
    def erased_from(self) -> datetime | None:
        """The moment from which nothing can bring it back; none unless it is deleted."""
        return self.deleted_at + self.KEPT_FOR if self.deleted_at else None


class Role(models.TextChoices):
    """What a person may do in an organization, most first. `organizations.roles` says what."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    MEMBER = "member", _("Member")
    VIEWER = "viewer", _("Viewer")


class Membership(models.Model):
    """One person's place in one organization."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)  # to about five minutes

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="one_membership_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    def save(self, *args, **kwargs):
        # Wagtail asks groups, so whoever has a role is always in its group and in no other.
        with transaction.atomic():
            super().save(*args, **kwargs)
            groups = {group.role: group.group_id for group in self.organization.role_groups.all()}
            self.user.groups.remove(*(pk for role, pk in groups.items() if role != self.role))
            if self.role in groups:
                self.user.groups.add(groups[self.role])

    def delete(self, *args, **kwargs):
        with transaction.atomic():
            self.user.groups.remove(*self.organization.role_groups.values_list("group_id", flat=True))
            FormerMembership.objects.update_or_create(organization=self.organization, user=self.user)
            return super().delete(*args, **kwargs)


class FormerMembership(models.Model):
    """Somebody who was here: their name stays readable on what they wrote."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="former_memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_memberships")
    ended_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("former membership")
        verbose_name_plural = _("former memberships")
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="one_former_membership_per_person"),
        ]

    def __str__(self) -> str:
        return str(self.user)


class RoleGroup(models.Model):
    """The group of all people who have one role in one organization: what Wagtail's permissions hang on."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="role_groups")
    role = models.CharField(max_length=10, choices=Role.choices)
    group = models.OneToOneField("auth.Group", on_delete=models.CASCADE, related_name="role_group")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "role"], name="one_group_per_role"),
        ]

    def __str__(self) -> str:
        return f"{self.organization}: {self.get_role_display()}"

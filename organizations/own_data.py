"""What is kept about one person, for them to take along: of them, and of what they did, in all their organizations."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from wagtail.models import Comment, CommentReply, ModelLogEntry, PageLogEntry
from wagtail.users.models import UserProfile

from .models import BasePage, FormerMembership, LibraryDocument, LibraryImage, Membership


def data_of(user) -> dict[str, Any]:
    """Plain values, for JSON. No secret is among them: neither password nor second factor."""
    profile = UserProfile.objects.filter(user=user).first()
    return {
        "person": {
            "id": str(user.pk),
            "email": user.email,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "joined": _moment(user.date_joined),
            "last_login": _moment(user.last_login),
            "language": profile.preferred_language if profile else "",
            "time_zone": profile.current_time_zone if profile else "",
            "avatar": profile.avatar.name if profile else "",
        },
        "email_addresses": list(EmailAddress.objects.filter(user=user).values("email", "verified", "primary")),
        "second_factors": [
            {"kind": each.type, "since": _moment(each.created_at), "last_used": _moment(each.last_used_at)}
            for each in Authenticator.objects.filter(user=user)
        ],
        "linked_accounts": [
            {"provider": each.provider, "id": each.uid, "said": each.extra_data}
            for each in SocialAccount.objects.filter(user=user)
        ],
        "sessions": [
            {
                "address": each.ip,
                "browser": each.user_agent,
                "since": _moment(each.created_at),
                "last_seen": _moment(each.last_seen_at),
            }
            for each in UserSession.objects.filter(user=user)
        ],
        "organizations": [
            {
                "name": each.organization.name,
                "role": each.role,
                "since": _moment(each.created_at),
                "last_seen": _moment(each.last_seen_at),
            }
            for each in Membership.objects.filter(user=user).select_related("organization")
        ],
        "former_organizations": [
            {"name": each.organization.name, "until": _moment(each.ended_at)}
            for each in FormerMembership.objects.filter(user=user).select_related("organization")
        ],
        "posts": [
            {
                "title": page.draft_title,
                "organization": str(page.organization or ""),
                "of": _moment(page.latest_revision_created_at),
            }
            for page in BasePage.objects.filter(owner=user).select_related("organization").order_by("pk")
        ],
        "comments": [
            {"post": each.page.draft_title, "text": each.text, "at": _moment(each.created_at)}
            for each in Comment.objects.filter(user=user).select_related("page").order_by("pk")
        ],
        "replies": [
            {"text": each.text, "at": _moment(each.created_at)}
            for each in CommentReply.objects.filter(user=user).order_by("pk")
        ],
        "media": [
            {"title": each.title, "file": each.file.name, "at": _moment(each.created_at)}
            for model in (LibraryImage, LibraryDocument)
            for each in model.objects.filter(uploaded_by_user=user).order_by("pk")
        ],
        "log": [
            {"at": _moment(each.timestamp), "did": each.action, "what": each.label}
            for model in (ModelLogEntry, PageLogEntry)
            for each in model.objects.filter(user=user).order_by("timestamp")
        ],
    }


def _moment(value) -> str | None:
    return value.isoformat() if value else None

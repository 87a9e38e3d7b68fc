"""Who works here: people, organizations, and the content that belongs to them."""

from .answers import KeptAnswer
from .content import BasePage, LibraryDocument, LibraryImage, LibraryRendition
from .exports import Export
from .invitations import ApiKey, Invitation
from .people import FormerMembership, Membership, Organization, Role, RoleGroup, User, validate_timezone

__all__ = [
    "ApiKey",
    "BasePage",
    "Export",
    "FormerMembership",
    "Invitation",
    "KeptAnswer",
    "LibraryDocument",
    "LibraryImage",
    "LibraryRendition",
    "Membership",
    "Organization",
    "Role",
    "RoleGroup",
    "User",
    "validate_timezone",
]

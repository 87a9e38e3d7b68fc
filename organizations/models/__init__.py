"""Who works here: people, organizations, and the content that belongs to them."""

from .content import BasePage, LibraryDocument, LibraryImage, LibraryRendition
from .people import FormerMembership, Membership, Organization, Role, RoleGroup, User, validate_timezone

__all__ = [
    "BasePage",
    "FormerMembership",
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

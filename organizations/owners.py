"""Whose the thing is that an address of the studio names."""

import re
from uuid import UUID

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model
from django.urls import Resolver404, resolve

from .models import BasePage, LibraryDocument, LibraryImage, Organization

# By the namespace or beginning of Wagtail's addresses.
_BY_BEGINNING = (
    ("pages/", BasePage),
    ("images/", LibraryImage),
    ("documents/", LibraryDocument),
    ("posts/", BasePage),
    ("checks/", BasePage),
)
_NUMBER = re.compile(r"^(?:[a-z_-]+/)*?(\d+)(?:/|$)")


def owner_of_address(request) -> UUID | None:
    """The id of the organization that the path names, or that owns what it names; none where that is nobody's."""
    beginning, _admin, rest = request.path.partition("/admin/")
    if beginning or not rest:
        return None
    for start, model in _BY_BEGINNING:
        if rest.startswith(start) and (found := _NUMBER.match(rest[len(start) :])):
            return _owner(model, pk=int(found[1]))
    for part in rest.split("/"):
        try:
            key = UUID(part)
        except ValueError:
            continue
        for model in _owned_by_uuid():
            if owner := _owner(model, pk=key):
                return owner
        if Organization.objects.filter(pk=key).exists():
            return key
    return _owner_by_view(request.path)


def _owner_by_view(path: str) -> UUID | None:
    """Of what a view of one model shows: labels, voices and whatever else has a viewset of its own."""
    try:
        match = resolve(path)
    except Resolver404:
        return None
    view = match.func
    model = getattr(view, "view_initkwargs", {}).get("model") or getattr(
        getattr(view, "view_class", None), "model", None
    )
    if not isinstance(model, type) or not issubclass(model, Model) or "pk" not in match.kwargs:
        return None
    if "organization" not in {field.name for field in model._meta.concrete_fields}:
        return None  # a collection is pointed to by its organization, and names none itself
    return _owner(model, pk=match.kwargs["pk"])


def _owned_by_uuid():
    for model in apps.get_models():
        names = {field.name: field for field in model._meta.concrete_fields}
        owner = names.get("organization")
        if owner and owner.related_model is Organization and model._meta.pk.get_internal_type() == "UUIDField":
            yield model


def _owner(model, **lookup) -> UUID | None:
    try:
        return model._base_manager.values_list("organization_id", flat=True).get(**lookup)
    except (ObjectDoesNotExist, OverflowError, ValueError, ValidationError):
        return None

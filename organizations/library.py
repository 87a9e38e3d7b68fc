"""What happens to an organization's pictures and files, by the same forms as in the studio."""

from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.forms import model_to_dict
from django.utils.translation import gettext as _
from rest_framework import serializers
from wagtail.documents.forms import get_document_form
from wagtail.images.forms import get_image_form
from wagtail.log_actions import log
from wagtail.permissions import policy_registry

from .models import LibraryDocument, LibraryImage
from .problems import Conflict, Forbidden
from .roles import Action, require

NAMES = {"alt": "description"}
FOCAL_POINT = ("x", "y", "width", "height")


class MediumInUse(Conflict):
    slug = "medium-in-use"
    title = "Something uses this"


@transaction.atomic
def add(model, *, organization, file: UploadedFile, user, title: str = "", **said):
    """A new picture or file in the organization's library. Raises what the studio's form would say, by field."""
    require(user, Action.WRITE, organization=organization)
    title = title or PurePath(file.name or "").stem
    data = {"title": title, "collection": organization.collection_id, **_as_form(said)}
    medium = model(uploaded_by_user=user, collection_id=organization.collection_id)
    form = _form_of(model)(data, {"file": file}, instance=medium, user=user)
    return _save(form, "wagtail.create", user)


@transaction.atomic
def change(medium, *, user, **said):
    """Says something else of a picture or file: `title`, and of a picture `alt` and `focal_point` (or none)."""
    _require(medium, "change", user)
    form_class = _form_of(type(medium))
    now = {**model_to_dict(medium, form_class.base_fields), "tags": ",".join(f'"{tag}"' for tag in medium.tags.names())}
    return _save(form_class({**now, **_as_form(said)}, instance=medium, user=user), "wagtail.edit", user)


@transaction.atomic
def delete(medium, *, user) -> None:
    """Deletes a picture or file. Raises MediumInUse where a post needs it: whoever knows posts answers `pre_delete`."""
    _require(medium, "delete", user)
    log(medium, "wagtail.delete", user=user)
    medium.delete()


def _form_of(model):
    return get_image_form(model) if issubclass(model, LibraryImage) else get_document_form(LibraryDocument)


def _as_form(said: dict) -> dict:
    data = {NAMES.get(name, name): value for name, value in said.items() if name != "focal_point"}
    if "focal_point" in said:
        point = said["focal_point"] or {}
        data |= {f"focal_point_{name}": point.get(name) for name in FOCAL_POINT}
    return data


def _save(form, action: str, user):
    if not form.is_valid():
        names = {kept: shown for shown, kept in NAMES.items()}
        raise serializers.ValidationError({names.get(name, name): errors for name, errors in form.errors.items()})
    medium = form.save()
    log(medium, action, user=user)
    return medium


def _require(medium, what: str, user) -> None:
    require(user, Action.WRITE, organization=medium.organization)
    if not policy_registry.get_by_type(type(medium)).user_has_permission_for_instance(user, what, medium):
        raise Forbidden(_("Somebody else has uploaded this. Ask them, or an Admin."))

"""What an organization's Admins set for it."""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext
from wagtail.log_actions import log

from . import library, mails
from .forms import EditsForm, OrganizationForm
from .models import LibraryImage, Organization
from .roles import Action, require
from .second_factors import people_without

LOGO_FIELDS = ("logo_file", "remove_logo")


@transaction.atomic
def save_settings(form: OrganizationForm | EditsForm, *, user) -> Organization:
    """Saves what a valid form says, and notes in the log what changed. Raises Forbidden if the person may not.

    Whoever lacks the second factor that is asked for from now on is told by e-mail.
    """
    organization = form.instance
    require(user, Action.MANAGE_SETTINGS, organization=organization)
    if "second_factor_required" in form.changed_data:
        require(user, Action.DEMAND_SECOND_FACTOR, organization=organization)
    form.save()
    if file := form.cleaned_data.get("logo_file"):
        set_logo(organization, file=file, user=user)
    elif form.cleaned_data.get("remove_logo"):
        set_logo(organization, file=None, user=user)
    if changed := [name for name in form.changed_data if name not in LOGO_FIELDS]:
        log(organization, "organizations.change_settings", user=user, data={"fields": ", ".join(changed)})
    if "second_factor_required" in form.changed_data and organization.second_factor_required:
        _ask_for_second_factors(organization, by=user)
    return organization


@transaction.atomic
def set_logo(organization: Organization, *, file: UploadedFile | None, user) -> Organization:
    """Shows `file` as the organization's logo, or none. It is a picture of its library, checked as all are.

    The one before stays in the library, where posts may use it. Raises what the library says of the file.
    """
    require(user, Action.MANAGE_SETTINGS, organization=organization)
    organization.logo = (
        library.add(
            LibraryImage,
            organization=organization,
            file=file,
            user=user,
            title=gettext("Logo of %(organization)s") % {"organization": organization},
        )
        if file
        else None
    )
    organization.save(update_fields=["logo"])
    log(organization, "organizations.change_settings", user=user, data={"fields": "logo"})
    return organization


def _ask_for_second_factors(organization: Organization, *, by) -> None:
    people = organization.members.filter(pk__in=people_without(organization)).order_by("email")
    mails.send(
        organization,
        "organizations/mail/second_factor.txt",
        to=[person.email for person in people],
        by=str(by),
        link=settings.BASE_URL + reverse("mfa_index"),
    )

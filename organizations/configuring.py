"""What an organization's Admins set for it."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from wagtail.log_actions import log

from . import mails
from .forms import EditsForm, OrganizationForm
from .models import Organization
from .roles import Action, require
from .second_factors import has_one
from .walls import outside_walls


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
    if form.changed_data:
        fields = ", ".join(form.changed_data)
        log(organization, "organizations.change_settings", user=user, data={"fields": fields})
    if "second_factor_required" in form.changed_data and organization.second_factor_required:
        _ask_for_second_factors(organization, by=user)
    return organization


def _ask_for_second_factors(organization: Organization, *, by) -> None:
    with outside_walls(organization):  # others' second factors are their own
        people = organization.members.filter(is_active=True).order_by("email")
        mails.send(
            organization,
            "second_factor",
            to=[person.email for person in people if not has_one(person)],
            by=str(by),
            link=settings.BASE_URL + reverse("mfa_index"),
        )

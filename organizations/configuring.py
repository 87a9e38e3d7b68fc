"""What an organization's Admins set for it."""

from django.db import transaction
from wagtail.log_actions import log

from .forms import OrganizationForm
from .models import Organization
from .roles import Action, require


@transaction.atomic
def save_settings(form: OrganizationForm, *, user) -> Organization:
    """Saves what a valid form says, and notes in the log what changed. Raises Forbidden if the person may not."""
    organization = form.instance
    require(user, Action.MANAGE_SETTINGS, organization=organization)
    form.save()
    if form.changed_data:
        fields = ", ".join(form.changed_data)
        log(organization, "organizations.change_settings", user=user, data={"fields": fields})
    return organization

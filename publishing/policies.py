"""What an organization wants done with posts that missed their time: changing it, with a note in the log."""

import copy

from django.db import transaction
from wagtail.log_actions import log

from organizations import logbook
from organizations.roles import Action, require

from .models import PublishingPolicy


@transaction.atomic
def change_policy(organization, *, user, **said) -> PublishingPolicy:
    """Holds for whatever misses its time from now on. `said` are checked values by field."""
    require(user, Action.MANAGE_SETTINGS, organization=organization)
    policy, _created = PublishingPolicy.objects.select_for_update().get_or_create(organization=organization)
    before = copy.copy(policy)
    for name, value in said.items():
        setattr(policy, name, value)
    policy.save(update_fields=list(said))
    if changes := logbook.changes(before, policy, said):
        log(organization, "publishing.change_policy", user=user, data={"changes": changes})
    return policy

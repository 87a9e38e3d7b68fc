"""What an organization wants done with posts that missed their time: changing it, with a note in the log."""

from organizations import logbook

from .models import PublishingPolicy


def change_policy(organization, *, user, **said) -> PublishingPolicy:
    """Holds for whatever misses its time from now on. `said` are checked values by field."""
    action = "publishing.change_policy"
    return logbook.change_settings(PublishingPolicy, organization, user=user, action=action, said=said)

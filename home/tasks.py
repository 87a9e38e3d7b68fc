"""What django-q2 runs for the public site: one line each."""

from . import going_live


def publish_what_is_due() -> int:
    return going_live.publish_what_is_due()

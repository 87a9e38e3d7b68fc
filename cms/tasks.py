"""What django-q2 runs for the composition, one line each."""

from . import retention


def forget() -> dict[str, int]:
    return retention.forget()

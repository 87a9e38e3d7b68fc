"""What a check answers with, and what several of them go by."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import TextChoices

ANSWER_SECONDS = 5  # for one answer of another service
MOST_LATE = timedelta(minutes=5)
JUST_NOW = timedelta(minutes=10)


class Verdict(TextChoices):
    OK = "ok"
    UNUSED = "unused"  # not set up, which is fine
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True)
class Finding:
    """What a check saw. `remedy` says what to do; it is empty when there is nothing to do."""

    subject: str
    verdict: Verdict
    what: str
    remedy: str = ""

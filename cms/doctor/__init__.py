"""Looks at everything that this installation stands on, and says what is wrong and how to mend it.

Each check looks for itself and never raises: what it finds is the answer.
`manage.py doctor` prints them, and `installation` shows them to operators.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from . import ground, services, work
from .findings import Finding, Verdict

__all__ = ["CHECKS", "Finding", "Verdict", "examine"]

CHECKS: dict[str, Callable[[str], Finding]] = {
    "Settings": ground.configuration,
    "Database": ground.database,
    "Migrations": ground.migrations,
    "Redis": ground.redis_server,
    "Worker": work.worker,
    "Deliveries": work.deliveries,
    "Networks": work.networks,
    "Network apps": services.network_apps,
    "Background work": work.tasks,
    "Mail": services.mail_server,
    "Mails waiting": work.mails_waiting,
    "Media": ground.media,
    "Media, from outside": ground.media_from_outside,
    "Disk": ground.disk,
    "Clock": ground.clock,
    "OpenAI": services.openai,
    "Gemini": services.gemini,
    "Stripe": services.stripe,
    "Plans for sale": services.plans_for_sale,
}

# These wait for somebody else and ask no database, so they need not wait for each other.
ASKS_ELSEWHERE = ("Redis", "Mail", "Media, from outside", "OpenAI", "Gemini", "Stripe")


def examine() -> Iterator[Finding]:
    """Every check's findings, one after the other, as they come. Other services are asked all at once."""
    with ThreadPoolExecutor(len(ASKS_ELSEWHERE)) as pool:
        asked = {subject: pool.submit(_examined, subject) for subject in ASKS_ELSEWHERE}
        for subject in CHECKS:
            yield asked[subject].result() if subject in asked else _examined(subject)


def _examined(subject: str) -> Finding:
    try:
        return CHECKS[subject](subject)
    except Exception as error:  # a check that breaks is a finding too, and the others go on
        return Finding(subject, Verdict.FAILED, f"could not be looked at: {error}", "Report this as a bug.")

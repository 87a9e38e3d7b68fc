"""Says in time what about the networks' settings will stop to work."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from . import reaching
from .adapters.instagram_login import HOSTS
from .adapters.linkedin_version import version_problem


@register("publishing")
def check_linkedin_version(app_configs, **kwargs) -> list[CheckMessage]:
    if not (settings.LINKEDIN_CLIENT_ID or settings.LINKEDIN_PAGES_CLIENT_ID):
        return []
    if problem := version_problem():
        hint = "Read what has changed in LinkedIn's list of versions, then set LINKEDIN_VERSION."
        return [Warning(problem, hint=hint, id="publishing.W001")]
    return []


@register("publishing")
def check_instagram(app_configs, **kwargs) -> list[CheckMessage]:
    if settings.INSTAGRAM_LOGIN not in HOSTS:
        return [
            Error(
                f"INSTAGRAM_LOGIN is {settings.INSTAGRAM_LOGIN!r}.",
                hint="It is facebook or instagram: the log-in that the app at Meta is set up for.",
                id="publishing.E001",
            )
        ]
    if settings.INSTAGRAM_APP_ID and (problem := reaching.address_problem()):
        return [Warning(problem, hint="Set BASE_URL.", id="publishing.W002")]
    return []

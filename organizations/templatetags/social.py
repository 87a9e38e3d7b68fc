"""Other services to sign in with."""

from django import template

from organizations import social_logins

register = template.Library()


@register.simple_tag
def social_logins_are_offered() -> bool:
    return social_logins.are_offered()


@register.simple_tag
def connected_accounts(user):
    """The person's accounts with services that are offered, each with what to call it."""
    return [(account, account.get_provider_account()) for account in social_logins.connected(user)]

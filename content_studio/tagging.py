"""Link tags (UTM): what is added to a post's addresses, so that web statistics know where a visitor came from.

A post keeps them as a query string in which `{network}` stands for the network.
They are added when the post's message is written (`messages`), so that
counters, previews, approval and delivery all speak of the same addresses.
"""

import re
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from publishing.networks.text import urls

PARAMETERS = ("source", "medium", "campaign", "term", "content")
_NETWORK = "{network}"


def template_of(**values: str) -> str:
    """The query string of what is said: `template_of(source="{network}", medium="social")`."""
    said = [(f"utm_{name}", values[name].strip()) for name in PARAMETERS if (values.get(name) or "").strip()]
    return urlencode(said, safe="{}", quote_via=quote)


def validate_template(value: str) -> None:
    """Raises ValidationError for what is no query string of UTM parameters."""
    pairs = parse_qsl(value)
    if value and (not pairs or any(name.removeprefix("utm_") not in PARAMETERS for name, _said in pairs)):
        raise ValidationError(
            _("Give link tags like this: utm_source={network}&utm_medium=social&utm_campaign=spring.")
        )


def as_query(template: str, *, network: str) -> str:
    return urlencode([(name, said.replace(_NETWORK, network)) for name, said in parse_qsl(template)], quote_via=quote)


def tagged(address: str, template: str, *, network: str) -> str:
    """`address` with the tags that it does not carry already; whatever else is in it stays as it is."""
    parts = urlsplit(address)
    if not template or parts.scheme not in ("http", "https"):
        return address
    there = {name.lower() for name, _said in parse_qsl(parts.query, keep_blank_values=True)}
    new = [pair for pair in parse_qsl(as_query(template, network=network)) if pair[0] not in there]
    query = "&".join(filter(None, [parts.query, urlencode(new, quote_via=quote)]))
    return urlunsplit(parts._replace(query=query))


def with_tags(text: str, template: str, *, network: str) -> str:
    """`text` with tags in every address that names its protocol."""
    if not template or not re.search(r"https?://", text, re.IGNORECASE):
        return text
    for start, end in reversed(urls(text)):
        text = text[:start] + tagged(text[start:end], template, network=network) + text[end:]
    return text


def without_tags(address: str) -> str:
    """`address` without its UTM parameters: two that differ in them alone are the same place."""
    parts = urlsplit(address)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not pair[0].lower().startswith("utm_")]
    return urlunsplit(parts._replace(query=urlencode(kept, quote_via=quote)))

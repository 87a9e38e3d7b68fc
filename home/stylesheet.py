"""The site's one style sheet: tokens, plain elements and the site's own rules in one small file."""

import hashlib
import re
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

PARTS = ("brand/tokens.css", "brand/plain.css", "home/site.css", "home/code.css")


def source(name: str) -> Path:
    """Where a static file is kept. Raises FileNotFoundError."""
    found = finders.find(name)
    if not found:
        raise FileNotFoundError(name)
    return Path(found)


def build() -> str:
    """All parts in order, without comments and needless space, with addresses of files as they are served."""
    text = "\n".join(source(part).read_text() for part in PARTS)
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"\s*([{};,])\s*", r"\1", text).replace(";}", "}")
    text = re.sub(r":\s+(?=[^{}]*[;}])", ":", text)
    return re.sub(r'url\("(?!data:)([^")]+)"\)', lambda found: f'url("{static("brand/" + found[1])}")', text).strip()


def digest_of(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


@cache
def _built() -> tuple[str, str]:
    text = build()
    return text, digest_of(text)


def stylesheet() -> tuple[str, str]:
    """The style sheet and its digest, which is part of its address."""
    if settings.DEBUG:
        text = build()
        return text, digest_of(text)
    return _built()

"""Looks for holes in the wall: every address, each role, every id of another organization, every method.

The addresses are read from the URL resolver, so that a new view is covered the
day it is added.
"""

import itertools
import re

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.regex_helper import normalize
from rest_framework.test import APIClient

from organizations.factories import PASSWORD

from . import worlds

# Also says that the module needs the test database, which nothing else in it would.
pytestmark = pytest.mark.django_db

NAMED = {
    "content_type_app_name": ["content_studio"],
    "content_type_model_name": ["socialpost"],
    "app_label": ["content_studio"],
    "app_name": ["content_studio"],
    "model_name": ["socialpost"],
    "document_filename": [f"{worlds.MARK}.txt"],
    "filename": [f"{worlds.MARK}.txt"],
    "filter_spec": ["width-100"],
    "provider": ["demo"],
    "network": ["mastodon"],
    "path": [""],
}
ASKED_BY_QUERY = (
    "id", "pk", "page", "page_id", "parent", "parent_id", "parent_page_id", "collection_id", "collection", "owner",
    "user", "user_id", "task", "task_id", "workflow", "workflow_id", "next_page", "root_page", "content_type",
    "object_id", "revision", "image", "image_id", "document", "channel", "channels", "organization",
    "organization_id", "uuid", "post", "post_id", "membership", "edited_by", "last_updated_by", "locked_by",
    "requested_by", "chosen_multiple", "redirect_page", "childOf",
)  # fmt: skip


def addresses(patterns=None, before=""):
    """Every address of the project as (format string, [(name, kind)]), where kind is a converter's or `regex`.

    A key of a view that shows one model with numbers for keys is of kind `int`.
    """
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            for text, names in _parts(each.pattern):
                yield from ((rest, [*names, *more]) for rest, more in addresses(each.url_patterns, before + text))
        elif isinstance(each, URLPattern):
            for text, names in _parts(each.pattern):
                numbered = _shows_numbered(each.callback)
                yield before + text, [(name, "int" if numbered and name == "pk" else kind) for name, kind in names]


def _shows_numbered(view) -> bool:
    model = getattr(view, "view_initkwargs", {}).get("model")
    return isinstance(model, type) and model._meta.pk.get_internal_type() in {"AutoField", "BigAutoField"}


def _parts(pattern):
    if isinstance(pattern, RoutePattern):
        text = str(pattern._route)
        for name in pattern.converters:
            text = re.sub(rf"<(\w+:)?{name}>", f"%({name})s", text)
        return [
            (
                text,
                [(name, type(c).__name__.removesuffix("Converter").lower()) for name, c in pattern.converters.items()],
            )
        ]
    return [(text, [(name, "regex") for name in names]) for text, names in normalize(str(pattern))]


def filled(text, names, world):
    """The address with foreign ids in every place: of what the place is named after, where that can be told."""
    choices = [_choices(text, name, kind, world) for name, kind in names]
    length = max((len(each) for each in choices), default=1)
    # In step instead of every combination: ids of one organization in all places.
    for values in (
        itertools.islice(zip(*(itertools.cycle(each) for each in choices), strict=False), length) if choices else [()]
    ):
        yield "/" + text % dict(zip([name for name, _kind in names], values, strict=True))


def _choices(text, name, kind, world) -> list[str]:
    numbers = [str(number) for number in world.numbers]
    if NAMED.get(name):
        return NAMED[name]
    if kind == "path":
        return [""]
    if kind == "int":
        return numbers
    if kind == "uuid":
        return _likely(text, name, world)
    # Text, or a regular expression: whichever it takes.
    ids = _likely(text, name, world) if name in {"pk", "id", "uuid"} else []
    return [*numbers[:1], *(ids if len(ids) < len(world.uuids) else [])]


# What parts of addresses call a model, where that is not the end of its own name.
MODELS_OF = {
    "compose": "generation",
    "messages": "telling",
    "posts": "socialpost",
    "queue": "channel",
    "review": "socialpost",
    "team": "membership",
    "webhooks": "endpoint",
}
NAMES_OF = {
    "apikey": "key",
    "brandvoice": "voice",
    "libraryimage": "image",
    "librarydocument": "document",
    "membership": "member",
    "queueslot": "slot",
    "savedbrief": "brief",
    "socialpost": "post",
}


def _likely(text, place, world) -> list[str]:
    """The ids that a place of an address asks for: of the thing that it is named after, or else of everything."""
    before = text.partition(f"%({place})s")[0]
    # The nearest part that names something: what stands between says what is done with it.
    for part in reversed([part for part in before.split("/") if part and "%(" not in part]):
        if model := _named(part.replace("-", "").replace("_", "").lower(), world):
            return [str(uuid) for uuid in world.uuids_of[model] or sorted(world.uuids)[:1]]
    return sorted(map(str, world.uuids))


def _named(part, world) -> str | None:
    if part in MODELS_OF:
        return MODELS_OF[part] if MODELS_OF[part] in world.uuids_of else None
    one = part.removesuffix("ies") + "y" if part.endswith("ies") else part.removesuffix("s")
    spoken = {NAMES_OF.get(model, model): model for model in world.uuids_of}
    return spoken.get(one) or next(
        (m for m in sorted(world.uuids_of, key=len) if m.endswith(one) and len(one) > 2), None
    )


ADDRESSES = sorted(
    {(text, tuple(names)) for text, names in addresses() if not text.startswith(("static/", "media/", "^"))}
)


@pytest.fixture(scope="module")
def both(django_db_setup, django_db_blocker):
    """Acme, whose people look, and the marked one, which nobody may see; taken back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        cache.clear()
        mine = worlds.build("Acme", domain="acme.test")
        first = worlds.align_numbers()
        other = worlds.build(worlds.MARK, domain=f"{worlds.MARK.lower()}.test", first=first)
        sign_in(mine)
        other.prints, other.writes = worlds.everything_of(other.organization), worlds.writes()
        yield mine, other
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path_factory):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_the_crawl_is_signed_in(both):
    """Else it would find nothing, and prove nothing."""
    mine, _other = both
    for role in mine.people:
        assert _ask(mine, role, "get", "/admin/", None).status_code == 200
        assert _ask(mine, role, "get", "/api/v1/posts/", None).json()["results"]
    assert _ask(mine, "nobody", "get", "/admin/", None).status_code == 302
    assert _ask(mine, "nobody", "get", "/api/v1/posts/", None).status_code == 401


def test_the_marked_organization_has_something_in_every_table(both):
    _mine, other = both
    empty = {table for table, count in worlds.rows_of(other.organization).items() if not count}
    assert not empty - MAY_BE_EMPTY, (
        f"{sorted(empty - MAY_BE_EMPTY)}: fill these in cms/tests/worlds.py, so that the crawl looks for them"
    )


# Rows of persons, which their own wall shows (other people's are looked for by name), and
# what only operators make or what nothing in the product makes.
MAY_BE_EMPTY = {
    table
    for table in worlds._walled()
    if table.startswith(("djstripe_", "home_"))
    or worlds._walled()[table].read in {"false", "user_id = (SELECT studio_person())"}
} | {
    "organizations_user_user_permissions",
    "wagtailcore_collectionviewrestriction",
    "wagtailcore_collectionviewrestriction_groups",
    "wagtailcore_groupapprovaltask",
    "wagtailcore_groupapprovaltask_groups",
    "wagtailcore_groupsitepermission",
    "wagtailcore_pageviewrestriction",
    "wagtailcore_pageviewrestriction_groups",
    "wagtailcore_uploadedfile",
    "wagtailforms_formsubmission",
    "wagtailsearchpromotions_searchpromotion",
}

# Wagtail's own, which fail on purpose or on nonsense before they look at any data;
# and `readyz`, which is not ready where no worker runs.
FAIL_BY_THEMSELVES = {"/admin/failwhale/", "/admin/choose-external-link/", "/readyz"}


ROLES = ["owner", "admin", "member", "viewer", "nobody"]
METHODS = ("get", "post")
METHODS_OF_API = ("get", "post", "put", "patch", "delete")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("text", "names"), ADDRESSES, ids=[text or "/" for text, _names in ADDRESSES])
def test_nothing_of_another_organization_is_shown_or_changed(both, role, text, names):
    mine, other = both
    in_api = text.startswith("api/")
    for address in filled(text, list(names), other):
        for method in METHODS_OF_API if in_api else METHODS:
            for data in asked(method, other, in_api):
                with transaction.atomic():
                    answer = _ask(mine, role, method, address, data)
                    _look(answer, address, method)
                    changed = _changed(other)
                    transaction.set_rollback(True)
                assert not changed, f"{method.upper()} {address} changed {changed}"


def asked(method, world, in_api):
    """What is sent along: nothing, and every name that could mean something with a foreign id."""
    query = {
        name: [world.numbers[0] if "organization" not in name else str(world.organization.pk)]
        for name in ASKED_BY_QUERY
    } | {"q": ["kettle"], "id": [*world.numbers], "channel": [str(uuid) for uuid in world.uuids]}
    if method == "get":
        yield from (None, query)
    elif method == "delete":
        yield None
    elif not in_api:
        yield query
    else:
        # For the caller's own organization, with things of the other's; and for the other's itself.
        yield body_of(world)
        if method == "post":
            yield {**body_of(world), "organization_id": str(world.organization.pk)}


def body_of(world) -> dict:
    """JSON that names each of the other's things by every name that the API may have for it."""
    body: dict = {"name": "Mine", "text": "Mine", "email": "mine@acme.test", "role": "viewer"}
    for model, uuids in world.uuids_of.items():
        name = NAMES_OF.get(model, model)
        ids = [str(uuid) for uuid in uuids]
        body |= {name: ids[0], f"{name}_id": ids[0], f"{name}s": ids, f"{name}_ids": ids} if ids else {}
    return {name: value for name, value in body.items() if not name.startswith("organization")}


def _changed(other) -> set:
    """The tables in which the other's rows are not what they were. Only those that were written to are compared."""
    before, other.writes = other.writes, worlds.writes()
    written = {table for table, count in other.writes.items() if count != before.get(table, 0)}
    after = worlds.everything_of(other.organization, only=written - SEEN_BY_ALL)
    return {table for table, print_ in after.items() if print_ != other.prints[table]}


# What refers to what: of pages behind the wall, of other things, by number alone, in front of it.
SEEN_BY_ALL = {"wagtailcore_referenceindex"}


def _ask(mine, role, method, address, data):
    if not address.startswith("/api/"):
        client = Client()
        if role in mine.sessions:
            client.cookies["sessionid"] = mine.sessions[role]
    else:
        client = APIClient()
        if role in mine.tokens:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {mine.tokens[role]}")
    client.raise_request_exception = False
    return getattr(client, method)(address, data)


def sign_in(world) -> None:
    """Everybody of `world` is signed in, in the studio and in the API, through the same doors as in life."""
    world.sessions, world.tokens = {}, {}
    for role, person in world.people.items():
        answer = APIClient().post("/api/v1/auth/token/", {"email": person.email, "password": PASSWORD})
        world.tokens[role] = answer.json()["access"]
        client = Client()
        client.force_login(person)
        world.sessions[role] = client.cookies["sessionid"].value


def _look(answer, address, method):
    seen = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = seen.decode(errors="replace") + str(dict(answer.items()))
    position = text.lower().find(worlds.MARK.lower())
    asked = worlds.MARK.lower() in address.lower()
    if position >= 0 and not (asked and answer.status_code in {301, 302, 404}):
        around = text[max(0, position - 150) : position + 150]
        pytest.fail(f"{method.upper()} {address} ({answer.status_code}) shows the other organization: …{around}…")
    assert answer.status_code < 500 or address in FAIL_BY_THEMSELVES, (
        f"{method.upper()} {address} fails with {answer.status_code}"
    )

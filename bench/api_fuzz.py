"""Asks the product thousands of questions that its API description allows or forbids, in each role.

    python -m bench.api_fuzz [--examples 20] [--only owner,key] [-- further options of schemathesis]

For each of them it starts the product with the demo organization in a database of its own, lets schemathesis ask
with every check that it has, and prints a table at the end: no answer of 5xx, none whose status, headers or body
the description does not know, nothing accepted that it forbids. Asked is as the Owner, an Admin, a Member, a Viewer,
a member of nothing, nobody at all, and with an API key that may read and write but not publish. What each found
stands in full in `var/fuzz/`. Exits with 1 where anything was found.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

FUZZER = "schemathesis==4.32.5"
ROLES = ("owner", "admin", "member", "viewer")
OTHERS = ("key", "outsider", "nobody")
PASSWORD = "demo-studio"
# Would end the questioning: the session, the membership, the organization; or make it one of several. Of these, too,
# whoever has nothing to lose is asked: nobody.
LEFT_OUT = (
    "organizations_create",
    "members_leave",
    "organizations_delete",
    "members_transfer",
    "auth_token_create",
)
# An Admin may take their own role away, and would be asked as somebody else from then on. An Owner may not be the last.
LEFT_OUT_OF = {"admin": ("members_destroy", "members_partial_update")}
# Refused although the description allows it, and meant to be: more than OpenAPI can say.
REFUSED = {
    "calendar": "the last day may not be before the first",
    "content_generate": "either `platform` or `platforms` is needed",
    "channels_connect_by_person": "either `way` or `channel` is needed",
    "content_validate": "the name of a host has an end, which the format `uri` does not know",
    "brand_voices_create": "a name is free, or it is taken",
    "brand_voices_partial_update": "as above",
    "campaigns_create": "as above",
    "campaigns_partial_update": "as above",
    "labels_create": "as above",
    "labels_partial_update": "as above",
    **dict.fromkeys(
        (
            f"library_{kind}_{verb}"
            for kind in ("tones", "hashtag_sets", "signatures", "utm_presets", "briefs")
            for verb in ("create", "partial_update")
        ),
        "a name is free, or it is taken; a hashtag is one to the networks; a brief names a voice that there is",
    ),
    "deliveries_missed_decide": "either `deliveries` or `all` is needed, and a time to move them to",
    "posts_create": "a medium is a picture or a file; link tags read as a query; what it names is there",
    "posts_partial_update": "as above",
    "posts_comments_create": "it is about a text that there is",
    "posts_plan": "a day is in the calendar, a time zone on the map",
    "posts_schedule": "as above",
    "slots_queue": "as above",
    "imports_create": "the table is a file in Base64",
    "content_promote": "either a page's id or its address is needed",
    "content_rewrite": "the demo cannot write without a model",
    "content_alternative_text": "as above",
    "organizations_partial_update": "who demands a second factor of everybody has one",
    "media_documents_create": "a file must be one of the kinds that are taken, and what it says it is",
    "media_images_create": "as above",
    "organizations_logo_update": "as above",
}
# What the description gives as examples; each limit of each field, one by one; values by chance; and operations one
# after another, where the answer of one has what another asks for.
PHASES = ("examples", "coverage", "fuzzing", "stateful")
KEY = {"name": "Fuzzer", "scopes": ["read", "write"]}


# A body that is too large, or about what somebody changed meanwhile, is refused before anybody reads that it is wrong
# too.
# Null characters, which PostgreSQL does not keep, are not asked with. What is understood and refused for a reason
# is answered with 402, 409, 412 or 422, which the description knows.
CONFIGURATION = """
generation.allow-x00 = false

[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "402", "403", "404", "409", "412", "422", "429"]

[checks.negative_data_rejection]
expected-statuses = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "428", "429", "5xx"]
"""
# What is named by an id, by the address of its list.
NAMED = (
    "posts", "imports", "review-links", "slots", "campaigns", "labels", "brand-voices", "channels", "deliveries",
    "media/images", "media/documents", "organizations", "members", "invitations", "api-keys", "webhooks",
    "library/tones", "library/hashtag-sets", "library/signatures", "library/utm-presets", "library/briefs",
)  # fmt: skip
_OWN = """
[dictionaries.own]
values = {ids}

[parameters]
"query.organization_id" = {{ dictionary = "own", probability = 0.9 }}
"body.organization_id" = {{ dictionary = "own", probability = 0.9 }}
"""
_IDS = """
[dictionaries.{name}]
values = {ids}

[[operations]]
include-path-regex = "^/api/v1/{folder}/.id."
[operations.parameters]
"path.id" = {{ dictionary = "{name}", probability = 0.75 }}
"""
_REFUSED = """
[[operations]]
include-operation-id = "{operation}"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", "400", "401", "402", "403", "404", "409", "412", "413", "422", "429"]
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=20, help="for each operation")
    parser.add_argument("--only", default=",".join((*ROLES, *OTHERS)))
    parser.add_argument("more", nargs="*", help="further options of schemathesis, after --")
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings.dev"
    import django

    from cms import embedded_postgres

    embedded_postgres.ensure_running()
    django.setup()
    rows = [(name, *ask_as(name, options)) for name in options.only.split(",")]
    print(f"\n{'':10} {'operations':>10} {'questions':>10} {'failures':>9} {'seconds':>8}")
    for name, operations, questions, failures, seconds in rows:
        print(f"{name:10} {operations:>10} {questions:>10} {failures:>9} {seconds:8.0f}")
    return 1 if any(failures != "0" for _name, _operations, _questions, failures, _seconds in rows) else 0


def ask_as(name: str, options) -> tuple[str, str, str, float]:
    """(operations, questions, different failures, seconds) of one caller, on a product of its own."""
    from cms.tests.product import Product

    with Product() as product:
        token = token_of(product, name)
        print(f"\nAs {name}:", flush=True)
        begin, over = time.monotonic(), threading.Event()
        allowing = threading.Thread(target=allow_more, args=(product.database, over), daemon=True)
        allowing.start()
        said = run(product.url, token, name, options)
        over.set()
        allowing.join()
        return (*_counted(said), time.monotonic() - begin)


def run(url: str, token: str, name: str, options) -> str:
    from django.conf import settings

    kept = settings.VAR_DIR / "fuzz" / f"{name}.txt"
    kept.parent.mkdir(parents=True, exist_ok=True)
    configured = kept.with_suffix(".toml")
    refused = "".join(_REFUSED.format(operation=each) for each in REFUSED)
    configured.write_text(CONFIGURATION + known_ids(url, token) + refused)
    command = [
        "schemathesis",
        f"--config-file={configured}",
        "run",
        f"{url}/api/schema/",
        "--continue-on-failure",
        f"--phases={','.join(PHASES)}",
        "--checks=all",
        f"--max-examples={options.examples}",
        "--no-color",
        *([f"--header=Authorization: Bearer {token}"] if token else []),
        *(f"--exclude-operation-id={each}" for each in (*LEFT_OUT, *LEFT_OUT_OF.get(name, ())) if token),
        *options.more,
    ]
    uv = [sys.executable.replace("python", "uv"), "run", "--no-project", "--quiet", "--with", FUZZER]
    done = subprocess.run([*uv, *command], capture_output=True, text=True, check=False)
    kept.write_text(done.stdout + done.stderr)
    print("\n".join(done.stdout.splitlines()[-25:]), flush=True)
    return done.stdout


def known_ids(url: str, token: str) -> str:
    """Ids of what there is, for schemathesis to name three times out of four: of its own it would hit none."""
    mine = _get(url, "me", token)["organizations"] if token else ()
    sections = _OWN.format(ids=json.dumps([each["id"] for each in mine])) if mine else ""
    for folder in NAMED if token else ():
        try:
            found = _get(url, folder, token)
        except urllib.error.HTTPError:
            continue  # this caller may not list them
        rows = found["results"] if isinstance(found, dict) else found
        ids = json.dumps([each["id"] for each in rows])
        name = folder.replace("/", "-")
        sections += _IDS.format(name=name, ids=ids, folder=folder) if rows else ""
    return sections


def _counted(said: str) -> tuple[str, str, str]:
    """What the summary of schemathesis says of operations, questions and different failures."""
    operations = re.search(r"Tested:\s+(\d+)", said)
    questions = re.search(r"(\d+) generated", said)
    failures = re.search(r"found (\d+) unique failure", said)
    if not operations or not questions:
        return "?", "?", "?"
    return operations[1], questions[1], failures[1] if failures else "0"


def token_of(product, name: str) -> str:
    """What goes into the `Authorization` header; nothing for nobody."""
    if name == "nobody":
        return ""
    if name == "outsider":
        product.manage("shell", "-c", _OUTSIDER)
    asked = name if name in ROLES or name == "outsider" else "owner"
    access = _post(product.url, "auth/token", {"email": f"{asked}@demo.test", "password": PASSWORD})["access"]
    return _post(product.url, "api-keys", KEY, access)["secret"] if name == "key" else access


_OUTSIDER = f"""
from organizations.models import User
person = User.objects.create_user("outsider@demo.test", password="{PASSWORD}")
person.emailaddress_set.create(email=person.email, verified=True, primary=True)
"""


def _get(url: str, path: str, token: str):
    request = urllib.request.Request(f"{url}/api/v1/{path}/", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def _post(url: str, path: str, said: dict, token: str = "") -> dict:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    request = urllib.request.Request(f"{url}/api/v1/{path}/", json.dumps(said).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def allow_more(database: str, over: threading.Event) -> None:
    """So many calls a minute are the plan's limit; here the answers to them are wanted, not the limit."""
    import psycopg

    from cms import embedded_postgres

    with psycopg.connect(embedded_postgres.url(database), autocommit=True) as connection:
        while not over.wait(0.2):
            connection.execute("DELETE FROM billing_ratebucket")


if __name__ == "__main__":
    sys.exit(main())

"""What the guide shows works: its code is taken out of the documents and run."""

import json
import re
import shutil
import subprocess
import time

import pytest

from cms.embedded_postgres import BASE_DIR
from webhooks import signing

WEBHOOKS = [BASE_DIR / "docs/webhooks.md", BASE_DIR / "home/first_content/docs/5-api/4-webhooks.md"]
BODY = '{"type": "post.approved", "data": {"title": "Grüße"}}'


def code(document, language):
    """The code of `language` in the document, each block once, in order."""
    return re.findall(rf"^```{language}[^\n]*\n(.*?)^```", document.read_text(), re.DOTALL | re.MULTILINE)


def signed(*secrets, at=None):
    return signing.headers(BODY.encode(), message_id="msg_1", timestamp=int(at or time.time()), secrets=secrets)


def cases():
    """(headers, whether the receiver with `secret` should believe them)"""
    secret, other = signing.new_secret(), signing.new_secret()
    return secret, [
        (signed(secret), True),
        (signed(other, secret), True),
        (signed(other), False),
        (signed(secret, at=time.time() - 3600), False),
        ({**signed(secret), "webhook-id": "msg_2"}, False),
    ]


@pytest.mark.parametrize("document", WEBHOOKS, ids=lambda path: path.name)
def test_the_python_that_checks_signatures_believes_ours_and_no_other(document):
    (example,) = code(document, "python")
    space: dict = {}
    exec(example, space)  # the guide's own code
    secret, expected = cases()
    assert [space["is_from_the_studio"](secret, headers, BODY.encode()) for headers, _good in expected] == [
        good for _headers, good in expected
    ]


@pytest.mark.skipif(shutil.which("node") is None, reason="no Node on this machine")
@pytest.mark.parametrize("document", WEBHOOKS, ids=lambda path: path.name)
def test_the_javascript_that_checks_signatures_does_so_too(document, tmp_path):
    (example,) = code(document, "javascript")
    secret, expected = cases()
    (tmp_path / "check.mjs").write_text(
        f"{example}\nconst given = {json.dumps([headers for headers, _good in expected])};"
        f"console.log(JSON.stringify(given.map((each) => isFromTheStudio({json.dumps(secret)}, each, "
        f"{json.dumps(BODY)}))));"
    )
    done = subprocess.run(["node", tmp_path / "check.mjs"], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == [good for _headers, good in expected]

"""What the guide shows works: its code is taken out of the documents and run."""

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time

import pytest

from cms import embedded_postgres
from cms.embedded_postgres import BASE_DIR
from webhooks import signing

from .product import PATIENCE, Product

SITE = BASE_DIR / "home/first_content/docs/5-api"
JOURNEY = SITE / "2-journey.md"
WEBHOOKS = [BASE_DIR / "docs/webhooks.md", SITE / "5-webhooks.md"]
LANGUAGES = ("bash", "python", "javascript")
BODY = '{"type": "post.approved", "data": {"title": "Grüße"}}'


def node_is_there() -> bool:
    if shutil.which("node") is None:
        return False
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.removeprefix("v").split(".")[0]) >= 18


needs_node = pytest.mark.skipif(not node_is_there(), reason="NO NODE 18 HERE: THE GUIDE'S JAVASCRIPT IS NOT RUN")
needs_shell = pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq")), reason="NO CURL AND JQ HERE: THE GUIDE'S SHELL IS NOT RUN"
)
EACH_LANGUAGE = [
    pytest.param("bash", marks=needs_shell),
    "python",
    pytest.param("javascript", marks=needs_node),
]


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


@needs_node
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


class Receiver(http.server.BaseHTTPRequestHandler):
    """Keeps what it is told, by path: (headers, body)."""

    told: dict[str, list[tuple[dict, bytes]]] = {}

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.told.setdefault(self.path, []).append((headers, body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def receiver():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def product():
    if not embedded_postgres.is_used():
        pytest.skip("the product is started on the embedded PostgreSQL")
    with Product(PUBLISHING_ALLOW_PRIVATE_ADDRESSES="True") as product:
        product.manage("site_content")
        yield product


def run(language, program, folder, **environment):
    """What the program prints. It must end well."""
    path = folder / {"bash": "guide.sh", "python": "guide.py", "javascript": "guide.mjs"}[language]
    path.write_text(program)
    command = {
        "bash": ["bash", "-euo", "pipefail"],
        "python": [sys.executable, "-W", "error"],
        "javascript": ["node"],
    }[language]
    done = subprocess.run(
        [*command, path], capture_output=True, text=True, timeout=PATIENCE, env=os.environ | environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_guides_show_the_same_journey(language):
    site, repository = code(JOURNEY, language), code(BASE_DIR / "docs/api.md", language)
    assert len(site) == 7
    assert repository == site


LAST_WORDS = {
    "bash": 'echo "$POST $SECRET"',
    "python": "print(post, secret)",
    "javascript": "console.log(post, secret);",
}


@pytest.mark.parametrize("language", EACH_LANGUAGE)
def test_the_journey_of_the_guide_leads_to_a_published_post(product, receiver, tmp_path, language):
    program = "\n".join([*code(JOURNEY, language), LAST_WORDS[language]])
    program = program.replace("http://localhost:8000", product.url)
    program = program.replace("https://example.com/hooks/studio", f"{receiver}/{language}")
    *_rest, permalink, said = run(language, program, tmp_path).split("\n")[:-1]
    post, secret = said.split()
    assert permalink.startswith("http")

    space: dict = {}
    exec(code(SITE / "5-webhooks.md", "python")[0], space)  # the guide's own check
    give_up = time.monotonic() + PATIENCE
    while len(told := Receiver.told.get(f"/{language}", [])) < 2:
        assert time.monotonic() < give_up, "The webhook was not told."
        time.sleep(0.1)
    assert all(space["is_from_the_studio"](secret, headers, body) for headers, body in told)
    messages = [json.loads(body) for _headers, body in told]
    assert {message["type"] for message in messages} == {"delivery.published", "post.published"}
    assert all(post in json.dumps(message["data"]) for message in messages)


@pytest.mark.parametrize("language", EACH_LANGUAGE)
def test_a_channel_is_connected_and_taken_off_as_the_guide_says(product, tmp_path, language):
    program = "\n".join([code(JOURNEY, language)[0], *code(SITE / "6-channels.md", language)])
    said = run(language, program.replace("http://localhost:8000", product.url), tmp_path).split("\n")[:-1]
    assert said[-1] == "disconnected"
    assert "Is anybody there?" in said


@pytest.mark.parametrize("language", EACH_LANGUAGE)
def test_the_first_request_of_the_guide_is_answered(product, tmp_path, language):
    blocks = code(SITE / "1-first-request.md", language)
    token = run("bash", blocks_of_a_shell(code(SITE / "1-first-request.md", "bash")[0], product), tmp_path)
    token = json.loads(token)["access"]
    if language == "bash":
        me = json.loads(run("bash", blocks_of_a_shell(blocks[1], product), tmp_path, TOKEN=token))
        organization = me["organizations"][0]["id"]
        made = blocks_of_a_shell(blocks[2], product)
        assert json.loads(run("bash", made, tmp_path, TOKEN=token, ORGANIZATION=organization))["segments"]
    else:
        declared = f"token = {token!r}" if language == "python" else f"const token = {token!r};"
        program = "\n".join([declared, *blocks]).replace("http://localhost:8000", product.url)
        assert run(language, program, tmp_path).startswith("[")


def blocks_of_a_shell(block, product):
    """The block, failing where the answer is an error."""
    return block.replace("http://localhost:8000", product.url).replace("curl ", "curl --fail -sS ")


@needs_shell
def test_the_public_pages_are_read_as_the_guide_says(product, tmp_path):
    newest, one = (
        run("bash", blocks_of_a_shell(block, product), tmp_path) for block in code(SITE / "4-pages.md", "bash")
    )
    assert json.loads(newest)["items"][0]["summary"]
    assert json.loads(one)["title"] == "Pricing"

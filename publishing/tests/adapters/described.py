"""Holds what an adapter asks for against a description of the network's API that nobody here wrote.

A file in `descriptions/` says where its facts come from and what each call may
carry. What it does not name, an adapter must not send: a test's `server`
fixture ends with `assert_described("linkedin", server.record)`, so every
request of every test of that adapter is looked at.
"""

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator

from publishing.tests.loopback import Request

HERE = Path(__file__).parent / "descriptions"
OF_THE_OAUTH_SERVER = re.compile(r"/(oauth/v2/\w+|oauth/access_token|v2/userinfo)$")


@cache
def description(network: str) -> dict:
    return json.loads((HERE / f"{network}.json").read_text())


def assert_described(network: str, requests: Iterable[Request]) -> None:
    wrong = [fault for request in requests for fault in faults(network, request)]
    assert not wrong, "\n".join(wrong)


def faults(network: str, request: Request) -> Iterator[str]:
    """What of a request the description does not know, in words."""
    if OF_THE_OAUTH_SERVER.search(request.path):
        return
    name = f"{request.method} {request.path}"
    action = request.query.get("action", "")
    for call in description(network)["calls"]:
        if re.fullmatch(call["call"], name) and call.get("action", "") == action:
            break
    else:
        yield f"{name}: no such call is described"
        return
    query = {key: value for key, value in request.query.items() if key != "action"}
    for fault in Draft202012Validator(call.get("query", NOTHING)).iter_errors(query):
        yield f"{name}: query: {fault.message}"
    for header, wanted in call.get("headers", {}).items():
        if not re.fullmatch(wanted, request.headers.get(header, "")):
            yield f"{name}: header {header} is {request.headers.get(header)!r}"
    if "fields" in call:
        for field in request.query.get("fields", "").split(","):
            if field.partition("{")[0].strip("}") not in call["fields"]:
                yield f"{name}: no field {field} is described"
    if "body" in call:
        for fault in Draft202012Validator(call["body"]).iter_errors(_sent(request)):
            yield f"{name}: {fault.json_path}: {fault.message}"
    elif request.body and request.method != "PUT":
        yield f"{name}: has no body"


NOTHING = {"type": "object", "additionalProperties": False}


def _sent(request: Request):
    return request.json if "json" in request.headers.get("Content-Type", "") else request.form

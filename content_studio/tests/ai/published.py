"""What OpenAI and Gemini say that they take. A request with anything else in it is refused, as they refuse it."""

import json
import re
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from . import wire

_HERE = Path(__file__).parent
_GEMINI = re.compile(r"/v1(alpha|beta)/models/[\w.-]+:(generateContent|streamGenerateContent\?alt=sse)")
_OPENAI = {"/v1/responses": "CreateResponse", "/v1/chat/completions": "CreateChatCompletionRequest"}


def refused_by_gemini(path: str, body: dict) -> wire.Reply | None:
    """What Gemini answers where its description does not allow the request."""
    if not _GEMINI.fullmatch(path):
        return wire.gemini_error(404, "NOT_FOUND", f"There is no {path}")
    if wrong := _wrong_in(body, "gemini_requests.json", "GenerateContentRequest"):
        return wire.gemini_error(400, "INVALID_ARGUMENT", f"Invalid JSON payload received. {wrong}")
    return None


def refused_by_openai(path: str, body: dict) -> wire.Reply | None:
    """What OpenAI answers where its description does not allow the request."""
    if path not in _OPENAI:
        return wire.openai_error(404, message=f"Invalid URL (POST {path})")
    if wrong := _wrong_in(body, "openai_requests.json", _OPENAI[path]):
        return wire.openai_error(400, message=wrong)
    return None


def _wrong_in(body: dict, file: str, name: str) -> str:
    validator = _validator(file, name)
    if error := best_match(validator.iter_errors(body)):
        return f"{error.json_path}: {error.message[:300]}"
    return _two_of_one(body, validator.schema["$defs"], name)


@cache
def _validator(file: str, name: str) -> Draft202012Validator:
    schema = json.loads((_HERE / file).read_text())
    return Draft202012Validator({**schema, "$ref": f"#/$defs/{name}"})


def _two_of_one(value, definitions: dict, name: str) -> str:
    """Says where names stand together of which a protocol buffer takes one."""
    definition = definitions[name]
    for group in definition.get("x-oneof", ()):
        if len(given := [each for each in group if each in value]) > 1:
            return f"{name}: {' and '.join(given)} cannot be given together"
    for key, inside in value.items():
        said = definition["properties"][key]
        many = said.get("type") == "array"
        reference = (said.get("items", {}) if many else said).get("$ref", "")
        if not reference.startswith("#/$defs/"):
            continue
        for each in inside if many else [inside]:
            if isinstance(each, dict) and (found := _two_of_one(each, definitions, reference.rpartition("/")[2])):
                return found
    return ""

"""The forms that a provider's answers are asked for in."""

from functools import cache
from typing import Any

from pydantic import BaseModel, Field


class Draft(BaseModel):
    """A post. One text, or several for a thread, in order."""

    segments: list[str] = Field(min_length=1, description="The texts of the post; more than one only for a thread.")


class Suggestions(BaseModel):
    """Several short texts to choose from."""

    suggestions: list[str] = Field(min_length=1, description="The suggestions, best first.")


class Description(BaseModel):
    """What a picture shows."""

    text: str = Field(min_length=1, description="The alternative text.")


# What OpenAI's strict mode and Gemini's schema refuse; pydantic still checks it when the answer is read.
_ONLY_CHECKED_HERE = ("minItems", "minLength", "title")


@cache
def strict_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """`shape` as a JSON schema that OpenAI's strict mode takes: everything required, nothing else allowed."""
    return {
        **_plain(shape.model_json_schema()),
        "required": list(shape.model_fields),
        "additionalProperties": False,
    }


@cache
def plain_schema(shape: type[BaseModel]) -> dict[str, Any]:
    """`shape` as a JSON schema without what only pydantic checks."""
    return _plain(shape.model_json_schema())


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {
            key: {name: _plain(each) for name, each in value.items()} if key == "properties" else _plain(value)
            for key, value in node.items()
            if key not in _ONLY_CHECKED_HERE
        }
    return node

"""Google's Gemini, through its own SDK, with a response schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import httpx
import httpx2
from google import genai
from google.genai import errors, types

from .base import (
    MAX_OUTPUT_TOKENS,
    Answer,
    Busy,
    KeyRefused,
    Malformed,
    Provider,
    ProviderError,
    Question,
    Refused,
    RequestRefused,
    TimedOut,
    Unreachable,
)
from .shapes import plain_schema

# Gemini's reasons for stopping that mean: it does not want to.
_REFUSALS = {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE", "IMAGE_SAFETY"}
# Our roles in Gemini's words.
_ROLES = {"user": "user", "assistant": "model"}
# The SDK's own default is v1, whose published requests know neither instructions nor a schema for the answer.
_VERSION = "v1beta"


class _Blob(types.Blob):
    """Says `mimeType`, as Google describes it, where the SDK writes `mime_type`."""

    model_config = {"serialize_by_alias": True}


class Gemini(Provider):
    key = "gemini"
    name = "Gemini"

    def __init__(self, *, model: str, api_key: str, base_url: str, timeout: float):
        super().__init__(model=model)
        self.api_key = api_key
        self.base_url = base_url
        self.timeout = timeout

    @cached_property
    def client(self) -> genai.Client:
        # The SDK adds the API's version to the address; an address that has one already keeps it.
        address, _slash, version = self.base_url.rstrip("/").rpartition("/")
        versioned = version.startswith("v1")
        return genai.Client(
            vertexai=False,
            api_key=self.api_key,
            http_options=types.HttpOptions(
                base_url=address if versioned else self.base_url,
                api_version=version if versioned else _VERSION,
                timeout=int(self.timeout * 1000),
            ),
        )

    def ask_once(self, question: Question) -> Answer:
        with self.explained():
            response = self.client.models.generate_content(**self.request_for(question))
            return self.answer_in(question, text=_text(response), last=response)

    def stream_once(self, question: Question) -> Iterator[str | Answer]:
        with self.explained():
            text, last = "", None
            for last in self.client.models.generate_content_stream(**self.request_for(question)):
                if piece := _text(last):
                    text += piece
                    yield piece
            if last is None:
                raise Unreachable(f"{self.name} broke off in the middle of its answer. Please try again.")
            yield self.answer_in(question, text=text, last=last)

    def request_for(self, question: Question) -> dict[str, Any]:
        pictures = [
            types.Part(inline_data=_Blob(data=each.data, mime_type=each.mime_type)) for each in question.pictures
        ]
        contents = [
            types.Content(
                role=_ROLES[turn.role],
                parts=[types.Part.from_text(text=turn.text), *(pictures if number == 0 else [])],
            )
            for number, turn in enumerate(question.turns)
        ]
        return {
            "model": self.model,
            "contents": contents,
            "config": types.GenerateContentConfig(
                system_instruction=question.instructions,
                response_mime_type="application/json",
                response_schema=plain_schema(question.shape),
                max_output_tokens=MAX_OUTPUT_TOKENS,
                automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
            ),
        }

    def answer_in(self, question: Question, *, text: str, last: types.GenerateContentResponse) -> Answer:
        """The answer in `text`; `last` is the reply (of a stream: its last piece), which says how it ended."""
        usage = last.usage_metadata
        tokens = (usage.total_token_count or 0) if usage else 0
        if last.prompt_feedback and last.prompt_feedback.block_reason:
            raise self.refusal(f"it blocked the prompt ({_word(last.prompt_feedback.block_reason)})", tokens=tokens)
        candidate = last.candidates[0] if last.candidates else None
        reason = _word(candidate.finish_reason) if candidate and candidate.finish_reason else ""
        if reason.upper() in _REFUSALS:
            raise self.refusal(f"it stopped the answer ({reason})", tokens=tokens)
        if reason.upper() == "MAX_TOKENS":
            raise Malformed(
                f"{self.name} stopped in the middle of its answer, because it grew too long. "
                "Ask for a shorter text, or try again.",
                tokens=tokens,
                raw=text[:2_000],
            )
        input_tokens = (usage.prompt_token_count or 0) if usage else 0
        return Answer(
            content=self.read(text, question, tokens=tokens),
            text=text,
            model=last.model_version or self.model,
            input_tokens=input_tokens,
            output_tokens=max(0, tokens - input_tokens),
        )

    def refusal(self, reason: str, *, tokens: int = 0) -> Refused:
        return Refused(
            f"{self.name} refuses to write this: {reason}. Change the prompt and try again.", tokens=tokens, raw=reason
        )

    @contextmanager
    def explained(self):
        """Turns the SDK's errors into ours."""
        try:
            yield
        except (httpx2.TimeoutException, httpx.TimeoutException) as error:
            raise TimedOut(
                f"{self.name} did not answer within {self.timeout:g} seconds. Try again, or choose another AI provider."
            ) from error
        except (httpx2.TransportError, httpx.TransportError) as error:
            raise Unreachable(
                f"{self.name} cannot be reached at {self.base_url}. Try again in a few minutes, "
                "or choose another AI provider."
            ) from error
        except errors.APIError as error:
            raise self.failure(error) from error
        except (errors.UnknownApiResponseError, ValueError) as error:
            raise Malformed(
                f"What answers at {self.base_url} does not speak {self.name}'s protocol. Whoever runs the server "
                "has to check GEMINI_BASE_URL."
            ) from error

    def failure(self, error: errors.APIError) -> ProviderError:
        """What an error status says, as one of our errors."""
        message = (error.message or "no reason given").strip().rstrip(".")
        if error.code in (401, 403) or "API_KEY_INVALID" in str(error.details):
            return KeyRefused(
                f"{self.name} does not accept the key of this server. Whoever runs the server has to check "
                "GEMINI_API_KEY; until then, choose another AI provider."
            )
        if error.code == 429:
            # One status for "too fast" and "used up": Google's message and its RetryInfo tell which, for how long.
            return Busy(
                f"{self.name} accepts no more requests at the moment: {message}. Wait a minute and try again; if it "
                "lasts, whoever runs the server has to look at the quota of its key.",
                retry_after=_retry_delay(error.details),
            )
        if error.code == 504:
            return TimedOut(f"{self.name} took too long to answer. Try again, or choose another AI provider.")
        if error.code and error.code >= 500:
            return Unreachable(
                f"{self.name} is out of order at the moment (it answered {error.code}). "
                "Try again in a few minutes, or choose another AI provider."
            )
        return RequestRefused(
            f"{self.name} does not accept the request: {message}. Whoever runs the server has to check "
            f"GEMINI_MODEL (now “{self.model}”) and GEMINI_BASE_URL.",
            raw=message,
        )


def _text(response: types.GenerateContentResponse) -> str:
    """The visible text of a reply; a model's thoughts are not part of it."""
    candidate = response.candidates[0] if response.candidates else None
    parts = (candidate.content.parts or []) if candidate and candidate.content else []
    return "".join(part.text for part in parts if part.text and not part.thought)


def _word(reason) -> str:
    return str(getattr(reason, "value", reason)).lower()


def _retry_delay(details: Any) -> float | None:
    """The seconds that Google's RetryInfo asks to wait, if it is there."""
    try:
        for detail in details["error"]["details"]:
            if detail.get("@type", "").endswith("RetryInfo"):
                return float(detail["retryDelay"].rstrip("s"))
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    return None

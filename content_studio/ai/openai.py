"""OpenAI, and every server that speaks its protocol.

Uses the Responses API with structured output. A compatible server that does
not know it (it answers 404) is asked through the older chat completions.
"""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import httpx2
import openai
from openai.types.responses import Response

from . import openai_chat
from .base import (
    MAX_OUTPUT_TOKENS,
    Answer,
    Busy,
    KeyRefused,
    Malformed,
    OutOfQuota,
    Provider,
    ProviderError,
    Question,
    Refused,
    RequestRefused,
    TimedOut,
    Unreachable,
)
from .shapes import strict_schema


class OpenAI(Provider):
    key = "openai"
    name = "OpenAI"

    def __init__(self, *, model: str, api_key: str, base_url: str, timeout: float):
        super().__init__(model=model)
        self.api_key = api_key
        self.base_url = base_url
        self.timeout = timeout
        self.knows_responses = True

    @cached_property
    def client(self) -> openai.OpenAI:
        return openai.OpenAI(
            api_key=self.api_key,
            base_url=self.base_url,
            timeout=httpx2.Timeout(self.timeout, connect=min(self.timeout, 5.0)),
            max_retries=0,  # Provider.ask decides what is tried again
        )

    def ask_once(self, question: Question) -> Answer:
        with self.explained():
            if self.knows_responses:
                try:
                    response = self.client.responses.create(**self.request_for(question))
                    return self.answer_in(response, question)
                except openai.NotFoundError as error:
                    self.turn_to_chat(error)
            return openai_chat.ask(self, question)

    def stream_once(self, question: Question) -> Iterator[str | Answer]:
        with self.explained():
            if self.knows_responses:
                try:
                    events = self.client.responses.create(**self.request_for(question), stream=True)
                except openai.NotFoundError as error:
                    self.turn_to_chat(error)
            if not self.knows_responses:
                yield from openai_chat.stream(self, question)
                return
            with events:
                for event in events:
                    if event.type == "response.output_text.delta":
                        yield event.delta
                    elif event.type in ("response.completed", "response.incomplete", "response.failed"):
                        yield self.answer_in(event.response, question)
                        return
                    elif event.type == "error":
                        raise self.failure(event.code, event.message)
            raise Unreachable(f"{self.name} broke off in the middle of its answer. Please try again.")

    def request_for(self, question: Question) -> dict[str, Any]:
        """The body of POST /responses."""
        messages: list[dict[str, Any]] = [
            {"type": "message", "role": turn.role, "content": turn.text} for turn in question.turns
        ]
        if question.pictures:
            messages[0]["content"] = [
                {"type": "input_text", "text": question.turns[0].text},
                *(
                    {"type": "input_image", "image_url": data_url(picture), "detail": "auto"}
                    for picture in question.pictures
                ),
            ]
        return {
            "model": self.model,
            "instructions": question.instructions,
            "input": messages,
            "text": {
                "format": {
                    "type": "json_schema",
                    "name": question.shape.__name__.lower(),
                    "schema": strict_schema(question.shape),
                    "strict": True,
                }
            },
            "max_output_tokens": MAX_OUTPUT_TOKENS,
            "store": False,
            **({"safety_identifier": question.person} if question.person else {}),
        }

    def answer_in(self, response: Response, question: Question) -> Answer:
        """The answer in a finished response, or why there is none."""
        usage = response.usage
        tokens = usage.total_tokens if usage else 0
        if response.status == "failed":
            error = response.error
            raise self.failure(error.code if error else None, error.message if error else "no reason given")
        text = ""
        for item in response.output or []:
            for part in (item.content or []) if item.type == "message" else []:
                if part.type == "refusal":
                    raise self.refusal(part.refusal, tokens=tokens)
                text += part.text
        if response.status == "incomplete":
            reason = response.incomplete_details.reason if response.incomplete_details else None
            if reason == "content_filter":
                raise self.refusal("its content filter stopped the answer", tokens=tokens)
            raise Malformed(
                f"{self.name} stopped in the middle of its answer, because it grew too long. "
                "Ask for a shorter text, or try again.",
                tokens=tokens,
                raw=text[:2_000],
            )
        return Answer(
            content=self.read(text, question, tokens=tokens),
            text=text,
            model=response.model or self.model,
            input_tokens=usage.input_tokens if usage else 0,
            output_tokens=usage.output_tokens if usage else 0,
        )

    def turn_to_chat(self, error: openai.NotFoundError) -> None:
        """Remembers that this server has no Responses API; raises `error` where the model is what is missing."""
        if error.code == "model_not_found" or "model" in error.message.lower():
            raise error
        self.knows_responses = False

    def refusal(self, reason: str, *, tokens: int = 0) -> Refused:
        return Refused(
            f"{self.name} refuses to write this: {reason.strip().rstrip('.')}. Change the prompt and try again.",
            tokens=tokens,
            raw=reason,
        )

    def failure(self, code: str | None, message: str) -> ProviderError:
        """What a failed response or an error event says, as one of our errors."""
        if code == "rate_limit_exceeded":
            return Busy(f"{self.name} has too much to do at the moment. Wait a minute and try again.")
        if code == "insufficient_quota":
            return self.out_of_quota()
        if code in ("invalid_prompt", "content_policy_violation", "image_content_policy_violation"):
            return self.refusal(message)
        return Unreachable(f"{self.name} failed while it was writing ({message}). Please try again.", raw=message)

    def out_of_quota(self) -> OutOfQuota:
        return OutOfQuota(
            f"The {self.name} account that this server uses has no credit left. Whoever runs the server has to "
            "top it up; until then, choose another AI provider."
        )

    @contextmanager
    def explained(self):
        """Turns the SDK's errors into ours."""
        try:
            yield
        except (openai.APITimeoutError, httpx2.TimeoutException) as error:
            raise TimedOut(
                f"{self.name} did not answer within {self.timeout:g} seconds. Try again, or choose another AI provider."
            ) from error
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise KeyRefused(
                f"{self.name} does not accept the key of this server. Whoever runs the server has to check "
                "OPENAI_API_KEY (and OPENAI_BASE_URL); until then, choose another AI provider."
            ) from error
        except openai.RateLimitError as error:
            if error.code == "insufficient_quota" or error.type == "insufficient_quota":
                raise self.out_of_quota() from error
            raise Busy(
                f"{self.name} has too much to do at the moment. Wait a minute and try again.",
                retry_after=_seconds(error.response.headers.get("retry-after")),
            ) from error
        except openai.InternalServerError as error:
            raise Unreachable(
                f"{self.name} is out of order at the moment (it answered {error.status_code}). "
                "Try again in a few minutes, or choose another AI provider.",
                retry_after=_seconds(error.response.headers.get("retry-after")),
            ) from error
        except openai.APIStatusError as error:
            if error.code in ("content_policy_violation", "invalid_prompt", "content_filter"):
                raise self.refusal(error.message) from error
            raise RequestRefused(
                f"{self.name} does not accept the request: {error.message}. Whoever runs the server has to check "
                f"OPENAI_MODEL (now “{self.model}”) and OPENAI_BASE_URL.",
                raw=error.message,
            ) from error
        except (openai.APIConnectionError, httpx2.TransportError) as error:
            raise Unreachable(
                f"{self.name} cannot be reached at {self.base_url}. Try again in a few minutes, "
                "or choose another AI provider."
            ) from error
        except openai.APIError as error:
            raise self.failure(error.code, error.message) from error
        except (ValueError, AttributeError, TypeError) as error:
            # A 200 whose body is not the protocol's: the SDK hands it out unchecked.
            raise Malformed(
                f"What answers at {self.base_url} does not speak {self.name}'s protocol. Whoever runs the server "
                "has to check OPENAI_BASE_URL."
            ) from error


def data_url(picture) -> str:
    return f"data:{picture.mime_type};base64,{base64.b64encode(picture.data).decode()}"


def _seconds(header: str | None) -> float | None:
    try:
        return float(header) if header else None
    except ValueError:
        return None

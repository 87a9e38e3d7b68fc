"""What a writing provider is asked, what it answers, and what can go wrong on the way."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pydantic

from organizations.problems import Problem

# The most that one call may answer, thinking included. Several posts of a
# thread fit well; it also bounds what one call can cost.
MAX_OUTPUT_TOKENS = 3_000


@dataclass(frozen=True)
class Turn:
    """One message of the conversation; `role` is "user" or "assistant"."""

    role: str
    text: str


@dataclass(frozen=True)
class Picture:
    """A picture to look at, as bytes."""

    data: bytes
    mime_type: str


@dataclass(frozen=True)
class Question:
    """Everything that a provider is told.

    `shape` is the pydantic model that the answer must fill. `facts` says the
    same as the instructions, as plain values, for a provider that cannot read.
    `person` is an opaque id of who asks: providers trace abuse with it.
    """

    instructions: str
    turns: tuple[Turn, ...]
    shape: type[pydantic.BaseModel]
    pictures: tuple[Picture, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    person: str = ""

    def followed_by(self, *turns: Turn) -> "Question":
        """The same conversation, gone on."""
        return replace(self, turns=(*self.turns, *turns))

    def most_tokens(self) -> int:
        """What one exchange costs at most, in the provider's tokens (its input is estimated)."""
        characters = len(self.instructions) + sum(len(turn.text) for turn in self.turns)
        return characters // 3 + 1_000 * len(self.pictures) + MAX_OUTPUT_TOKENS


@dataclass(frozen=True)
class Answer:
    """What came back. `content` is an instance of the question's shape, `text` what it was read from."""

    content: Any
    text: str
    model: str
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


class ProviderError(Problem):
    """A provider did not answer as it should; `detail` says what happened and what to do.

    `tokens` is what the failed call cost at the provider, where it said so.
    """

    slug = "ai-failed"
    status = 502
    title = "The AI provider could not answer"
    try_again: ClassVar[bool] = False  # whether one more call, a moment later, is worth it

    def __init__(self, detail: str, *, tokens: int = 0, retry_after: float | None = None, raw: str = "", **extra):
        super().__init__(detail, **extra)
        self.tokens = tokens
        self.retry_after = retry_after
        self.raw = raw
        if retry_after is not None:
            self.extra["retry_after"] = retry_after


class TimedOut(ProviderError):
    """Asking the same again may succeed, later."""

    slug = "ai-timed-out"
    status = 504
    title = "The AI provider took too long"


class Unreachable(ProviderError):
    """The provider's server could not be reached, or is out of order: wait, or choose another."""

    slug = "ai-unreachable"
    status = 503
    title = "The AI provider cannot be reached"
    try_again = True


class Busy(ProviderError):
    """Too many calls at this moment: wait."""

    slug = "ai-busy"
    status = 503
    title = "The AI provider is busy"
    try_again = True


class OutOfQuota(ProviderError):
    """The account at the provider is used up: whoever runs this server has to act."""

    slug = "ai-provider-quota"
    status = 503
    title = "The account at the AI provider is used up"


class KeyRefused(ProviderError):
    """The provider does not accept the key: whoever runs this server has to act."""

    slug = "ai-key-refused"
    title = "The AI provider does not accept the key"


class RequestRefused(ProviderError):
    """The provider does not understand or allow the request, for example an unknown model: a setting is wrong."""

    slug = "ai-request-refused"
    title = "The AI provider does not accept the request"


class Refused(ProviderError):
    """The model does not want to write this: the person changes the prompt."""

    slug = "ai-refused"
    status = 422
    title = "The AI provider refuses to write this"


class Malformed(ProviderError):
    """The answer is not what was asked for: asking again usually helps."""

    slug = "ai-malformed"
    title = "The AI provider's answer cannot be used"
    try_again = True


class NotOffered(ProviderError):
    """This provider cannot do that at all: choose another."""

    slug = "ai-not-offered"
    status = 422
    title = "This AI provider cannot do that"


class UnknownProvider(Problem):
    slug = "ai-provider-unknown"
    title = "No such AI provider"


class ProviderNotConfigured(Problem):
    slug = "ai-provider-not-configured"
    title = "This AI provider is not set up"


class Provider(ABC):
    """Asks one model for structured answers.

    A subclass declares its names and turns its own errors into those above.
    """

    key: ClassVar[str]
    name: ClassVar[str]
    sees_pictures: ClassVar[bool] = True
    pause_before_retry: ClassVar[float] = 0.5  # seconds
    longest_wait: ClassVar[float] = 3.0  # seconds; a provider that asks for more is reported as busy

    def __init__(self, *, model: str):
        self.model = model

    def ask(self, question: Question) -> Answer:
        """The answer, or one ProviderError. What fails by chance is tried once more."""
        try:
            return self.ask_once(question)
        except ProviderError as error:
            self._wait_or_give_up(error)
            return self.ask_once(question)

    def stream(self, question: Question) -> Iterator[str | Answer]:
        """The answer's JSON text piece by piece; at last the Answer. Once begun, nothing is tried again."""
        begun = False
        try:
            for piece in self.stream_once(question):
                begun = True
                yield piece
        except ProviderError as error:
            if begun:
                raise
            self._wait_or_give_up(error)
            yield from self.stream_once(question)

    def in_one_piece(self, question: Question) -> Iterator[str | Answer]:
        """`ask` in the form of `stream`, for whoever takes either."""
        yield self.ask(question)

    def _wait_or_give_up(self, error: ProviderError) -> None:
        wait = self.pause_before_retry if error.retry_after is None else error.retry_after
        if not error.try_again or wait > self.longest_wait:
            raise error
        time.sleep(wait)

    @abstractmethod
    def ask_once(self, question: Question) -> Answer:
        """One call, answered in one piece."""

    @abstractmethod
    def stream_once(self, question: Question) -> Iterator[str | Answer]:
        """One call, answered in pieces: strings, then the Answer."""

    def read(self, text: str, question: Question, *, tokens: int = 0):
        """`text` as the question's shape, or Malformed."""
        try:
            return question.shape.model_validate_json(_without_fence(text))
        except pydantic.ValidationError as error:
            raise Malformed(
                f"{self.name} answered in a form that cannot be read. Please try again; if it happens often, "
                "another model may follow instructions better.",
                tokens=tokens,
                raw=text[:2_000],
            ) from error


def _without_fence(text: str) -> str:
    """`text` without the code fence that some models put around JSON."""
    text = text.strip()
    if text.startswith("```"):
        text = text.partition("\n")[2].rstrip("`").rstrip()
    return text

"""The same question through chat completions, for compatible servers without the Responses API."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .base import MAX_OUTPUT_TOKENS, Answer, Malformed, Question, Unreachable
from .shapes import strict_schema

if TYPE_CHECKING:
    from .openai import OpenAI


def ask(provider: "OpenAI", question: Question) -> Answer:
    completion = provider.client.chat.completions.create(**request_for(provider, question))
    choice = completion.choices[0]
    usage = completion.usage
    return _answer(
        provider,
        question,
        text=choice.message.content or "",
        refusal=choice.message.refusal or "",
        finish_reason=choice.finish_reason,
        model=completion.model,
        usage=usage,
    )


def stream(provider: "OpenAI", question: Question) -> Iterator[str | Answer]:
    text, refusal, finish_reason, model, usage = "", "", None, provider.model, None
    chunks = provider.client.chat.completions.create(
        **request_for(provider, question), stream=True, stream_options={"include_usage": True}
    )
    with chunks:
        for chunk in chunks:
            model, usage = chunk.model or model, chunk.usage or usage
            for choice in chunk.choices:
                finish_reason = choice.finish_reason or finish_reason
                refusal += choice.delta.refusal or ""
                if choice.delta.content:
                    text += choice.delta.content
                    yield choice.delta.content
    if finish_reason is None:
        raise Unreachable(f"{provider.name} broke off in the middle of its answer. Please try again.")
    yield _answer(provider, question, text=text, refusal=refusal, finish_reason=finish_reason, model=model, usage=usage)


def request_for(provider: "OpenAI", question: Question) -> dict[str, Any]:
    """The body of POST /chat/completions."""
    from .openai import data_url

    messages: list[dict[str, Any]] = [{"role": "system", "content": question.instructions}]
    messages += [{"role": turn.role, "content": turn.text} for turn in question.turns]
    if question.pictures:
        messages[1]["content"] = [
            {"type": "text", "text": question.turns[0].text},
            *({"type": "image_url", "image_url": {"url": data_url(picture)}} for picture in question.pictures),
        ]
    return {
        "model": provider.model,
        "messages": messages,
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": question.shape.__name__.lower(),
                "schema": strict_schema(question.shape),
                "strict": True,
            },
        },
        # Compatible servers know this older name of max_completion_tokens.
        "max_tokens": MAX_OUTPUT_TOKENS,
    }


def _answer(provider: "OpenAI", question: Question, *, text, refusal, finish_reason, model, usage) -> Answer:
    tokens = usage.total_tokens if usage else 0
    if refusal:
        raise provider.refusal(refusal, tokens=tokens)
    if finish_reason == "content_filter":
        raise provider.refusal("its content filter stopped the answer", tokens=tokens)
    if finish_reason == "length":
        raise Malformed(
            f"{provider.name} stopped in the middle of its answer, because it grew too long. "
            "Ask for a shorter text, or try again.",
            tokens=tokens,
            raw=text[:2_000],
        )
    return Answer(
        content=provider.read(text, question, tokens=tokens),
        text=text,
        model=model or provider.model,
        input_tokens=usage.prompt_tokens if usage else 0,
        output_tokens=usage.completion_tokens if usage else 0,
    )

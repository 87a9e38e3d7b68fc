"""OpenAI's provider against a server that speaks the Responses API, and chat completions where that is all there is."""

import httpx
import pytest

from content_studio.ai import base
from content_studio.ai.base import Answer, Picture, Question, Turn
from content_studio.ai.registry import provider_for
from content_studio.ai.shapes import Draft

from . import wire

QUESTION = Question(
    instructions="You write posts.", turns=(Turn("user", "Write about tea."),), shape=Draft, person="f3a1"
)


@pytest.fixture
def openai(openai_server):
    return provider_for("openai")


def test_it_asks_for_structured_output_and_stores_nothing_at_openai(openai, openai_server):
    openai_server.answers(wire.openai_reply(wire.draft("Tea is ready.")))

    answer = openai.ask(QUESTION)

    assert answer.content.segments == ["Tea is ready."]
    assert answer.model == "gpt-5-mini-2026-08-07"
    assert (answer.input_tokens, answer.output_tokens, answer.tokens) == (310, 92, 402)
    [request] = openai_server.requests
    assert request.path == "/v1/responses"
    assert request.headers["authorization"] == "Bearer sk-test"
    assert request.body["model"] == "gpt-5-mini"
    assert request.body["instructions"] == "You write posts."
    assert request.body["input"] == [{"type": "message", "role": "user", "content": "Write about tea."}]
    assert request.body["store"] is False
    assert request.body["safety_identifier"] == "f3a1"
    assert request.body["text"]["format"] == {
        "type": "json_schema",
        "name": "draft",
        "strict": True,
        "schema": {
            "type": "object",
            "description": Draft.__doc__,
            "properties": {
                "segments": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "The texts of the post; more than one only for a thread.",
                }
            },
            "required": ["segments"],
            "additionalProperties": False,
        },
    }


def test_pictures_go_along_as_data_urls(openai, openai_server):
    openai_server.answers(wire.openai_reply(wire.draft("A cat.")))

    openai.ask(
        Question("Describe.", (Turn("user", "What is this?"),), Draft, pictures=(Picture(b"\x89PNG", "image/png"),))
    )

    assert openai_server.requests[0].body["input"][0]["content"] == [
        {"type": "input_text", "text": "What is this?"},
        {"type": "input_image", "image_url": "data:image/png;base64,iVBORw==", "detail": "auto"},
    ]


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("responses", {"input": "x", "max_tokens": 5}, "max_tokens"),
        ("responses", {"input": "x", "max_output_tokens": "many"}, "max_output_tokens"),
        ("responses", {"input": [{"role": "user", "text": "x"}]}, "input"),
        ("chat/completions", {"model": "x", "messages": []}, "messages"),
        ("chat/completions", {"model": "x", "messages": [{"role": "model", "content": "x"}]}, "messages"),
    ],
)
def test_the_server_of_these_tests_refuses_what_openai_does_not_describe(openai_server, path, body, said):
    answer = httpx.post(f"{openai_server.url}/v1/{path}", json=body)

    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


def test_a_stream_gives_the_text_piece_by_piece_and_then_the_answer(openai, openai_server):
    openai_server.answers(wire.openai_stream(wire.draft("Tea is ready."), pieces=5))

    *pieces, answer = openai.stream(QUESTION)

    assert openai_server.requests[0].body["stream"] is True
    assert len(pieces) == 5
    assert "".join(pieces) == wire.draft("Tea is ready.")
    assert isinstance(answer, Answer)
    assert answer.content.segments == ["Tea is ready."]
    assert answer.tokens == 402


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (
            wire.openai_error(401, message="Incorrect API key provided: sk-te**st.", code="invalid_api_key"),
            base.KeyRefused,
            "OPENAI_API_KEY",
        ),
        (
            wire.openai_error(429, message="Slow down.", code="rate_limit_exceeded", kind="requests", retry_after="20"),
            base.Busy,
            "Wait a minute",
        ),
        (
            wire.openai_error(
                429, message="You exceeded your current quota.", code="insufficient_quota", kind="insufficient_quota"
            ),
            base.OutOfQuota,
            "no credit left",
        ),
        (wire.openai_error(500, message="The server had an error.", kind="server_error"), base.Unreachable, "500"),
        (wire.openai_error(400, message="Unsupported value."), base.RequestRefused, "Unsupported value"),
        (
            wire.openai_error(404, message="The model `gpt-9` does not exist.", code="model_not_found"),
            base.RequestRefused,
            "OPENAI_MODEL",
        ),
        (wire.openai_refusal("I can't help with that."), base.Refused, "I can't help with that. Change the prompt"),
        (wire.openai_cut_off("", reason="content_filter"), base.Refused, "content filter"),
        (wire.openai_cut_off('{"segments": ["Tea'), base.Malformed, "grew too long"),
        (wire.openai_failed("server_error", "The model crashed."), base.Unreachable, "The model crashed."),
        (wire.openai_failed("rate_limit_exceeded", "Too fast."), base.Busy, "Wait a minute"),
        (wire.openai_reply("Sure! Here is your post."), base.Malformed, "cannot be read"),
        (wire.openai_reply('{"segments": []}'), base.Malformed, "cannot be read"),
        (wire.Reply(b"<html>Welcome</html>", content_type="text/html"), base.Malformed, "OPENAI_BASE_URL"),
        (wire.Reply({"hello": "world"}), base.Malformed, "cannot be read"),
        (wire.Reply(wire.openai_response(wire.draft("Late.")), delay=1.5), base.TimedOut, "within 1 seconds"),
    ],
)
def test_what_goes_wrong_becomes_a_sentence_that_says_what_to_do(openai, openai_server, reply, error, said):
    openai_server.answers(reply)

    with pytest.raises(error) as caught:
        openai.ask(QUESTION)

    assert said in caught.value.detail
    assert "sk-te" not in caught.value.detail


def test_a_server_that_is_not_there_is_named(settings):
    settings.OPENAI_API_KEY = "sk-test"
    settings.OPENAI_BASE_URL = "http://127.0.0.1:9/v1"

    with pytest.raises(base.Unreachable, match=r"cannot be reached at http://127\.0\.0\.1:9/v1"):
        provider_for("openai").ask(QUESTION)


def test_what_fails_by_chance_is_tried_once_more(openai, openai_server):
    openai_server.answers(
        wire.openai_error(503, message="Overloaded.", kind="server_error"), wire.openai_reply(wire.draft("Tea."))
    )

    assert openai.ask(QUESTION).content.segments == ["Tea."]
    assert len(openai_server.requests) == 2


@pytest.mark.parametrize(
    "reply",
    [
        wire.openai_error(401, message="Incorrect API key provided.", code="invalid_api_key"),
        wire.openai_refusal("No."),
        wire.Reply(wire.openai_response(wire.draft("Late.")), delay=1.5),
        wire.openai_error(429, message="Slow down.", code="rate_limit_exceeded", retry_after="20"),
    ],
)
def test_what_would_fail_again_is_not_tried_again(openai, openai_server, reply):
    openai_server.answers(reply)

    with pytest.raises(base.ProviderError):
        openai.ask(QUESTION)
    assert len(openai_server.requests) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (
            wire.openai_stream("", end="response.failed", response=wire.openai_failed("server_error", "x").body),
            base.Unreachable,
        ),
        (wire.openai_stream_error("server_error", "Boom."), base.Unreachable),
        (wire.openai_stream(wire.draft("Tea."), end=""), base.Unreachable),
        (wire.openai_error(401, message="Wrong key.", code="invalid_api_key"), base.KeyRefused),
    ],
)
def test_a_stream_that_fails_says_so(openai, openai_server, reply, error):
    openai_server.answers(reply)

    with pytest.raises(error):
        list(openai.stream(QUESTION))


def test_a_stream_is_tried_again_only_before_its_first_word(openai, openai_server):
    overloaded = wire.openai_error(503, message="Overloaded.", kind="server_error")
    openai_server.answers(overloaded, wire.openai_stream(wire.draft("Tea.")))
    *_pieces, answer = openai.stream(QUESTION)
    assert answer.content.segments == ["Tea."]

    openai_server.requests.clear()
    openai_server.answers(wire.openai_stream(wire.draft("Tea."), end=""), wire.openai_stream(wire.draft("Tea.")))
    with pytest.raises(base.Unreachable):
        list(openai.stream(QUESTION))
    assert len(openai_server.requests) == 1


def test_a_compatible_server_without_the_responses_api_is_asked_by_chat(openai, openai_server):
    openai_server.answers(
        wire.NO_SUCH_ADDRESS,
        wire.chat_completion(f"```json\n{wire.draft('Tea.')}\n```"),
        wire.chat_stream(wire.draft("More tea.")),
    )

    answer = openai.ask(QUESTION)
    *pieces, streamed = openai.stream(QUESTION)

    assert answer.content.segments == ["Tea."]
    assert (answer.model, answer.tokens) == ("llama-3.3-70b", 350)
    assert streamed.content.segments == ["More tea."]
    assert "".join(pieces) == wire.draft("More tea.")
    paths = [request.path for request in openai_server.requests]
    assert paths == ["/v1/responses", "/v1/chat/completions", "/v1/chat/completions"]
    asked = openai_server.requests[1].body
    assert asked["messages"] == [
        {"role": "system", "content": "You write posts."},
        {"role": "user", "content": "Write about tea."},
    ]
    assert asked["response_format"]["json_schema"]["strict"] is True


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (wire.chat_completion(None, refusal="No."), base.Refused),
        (wire.chat_completion("", finish_reason="content_filter"), base.Refused),
        (wire.chat_completion('{"segm', finish_reason="length"), base.Malformed),
        (wire.chat_completion("Tea?"), base.Malformed),
    ],
)
def test_chat_refuses_and_fails_in_the_same_words(openai, openai_server, reply, error):
    openai_server.answers(wire.NO_SUCH_ADDRESS, reply)

    with pytest.raises(error):
        openai.ask(QUESTION)

"""Gemini's provider against a server that speaks generateContent and streamGenerateContent."""

import httpx
import pytest

from content_studio.ai import base
from content_studio.ai.base import Picture, Question, Turn
from content_studio.ai.registry import provider_for
from content_studio.ai.shapes import Draft

from . import wire

QUESTION = Question(
    instructions="You write posts.",
    turns=(Turn("user", "Write about tea."), Turn("assistant", '{"segments": [""]}'), Turn("user", "Longer.")),
    shape=Draft,
)


@pytest.fixture
def gemini(gemini_server):
    return provider_for("gemini")


def test_it_asks_for_json_by_a_response_schema(gemini, gemini_server):
    gemini_server.answers(wire.gemini_reply(wire.draft("Tea is ready.")))

    answer = gemini.ask(QUESTION)

    assert answer.content.segments == ["Tea is ready."]
    assert answer.model == "gemini-2.5-flash"
    assert (answer.input_tokens, answer.output_tokens, answer.tokens) == (280, 220, 500)
    [request] = gemini_server.requests
    assert request.path == "/v1beta/models/gemini-2.5-flash:generateContent"
    assert request.headers["x-goog-api-key"] == "AIza-test"
    assert request.body["systemInstruction"]["parts"] == [{"text": "You write posts."}]
    assert request.body["contents"] == [
        {"role": "user", "parts": [{"text": "Write about tea."}]},
        {"role": "model", "parts": [{"text": '{"segments": [""]}'}]},
        {"role": "user", "parts": [{"text": "Longer."}]},
    ]
    config = request.body["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert config["maxOutputTokens"] == base.MAX_OUTPUT_TOKENS
    assert config["responseSchema"]["type"] == "OBJECT"
    assert config["responseSchema"]["properties"]["segments"]["type"] == "ARRAY"
    assert config["responseSchema"]["required"] == ["segments"]


def test_pictures_go_along_inline(gemini, gemini_server):
    gemini_server.answers(wire.gemini_reply(wire.draft("A cat.")))

    gemini.ask(
        Question("Describe.", (Turn("user", "What is this?"),), Draft, pictures=(Picture(b"\x89PNG", "image/png"),))
    )

    assert gemini_server.requests[0].body["contents"][0]["parts"] == [
        {"text": "What is this?"},
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw=="}},
    ]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"contents": [], "prompt": "x"}, "prompt"),
        ({"contents": [{"parts": [{"inlineData": {"mime_type": "image/png"}}]}]}, "mime_type"),
        ({"contents": [], "generationConfig": {"maxOutputTokens": "many"}}, "maxOutputTokens"),
        ({"contents": [], "generationConfig": {"responseSchema": {"type": "object"}}}, "responseSchema.type"),
        ({"contents": [{"parts": [{"text": "x", "fileData": {"fileUri": "gs://x"}}]}]}, "text and fileData"),
    ],
)
def test_the_server_of_these_tests_refuses_what_google_does_not_describe(gemini_server, body, said):
    answer = httpx.post(f"{gemini_server.url}/v1beta/models/gemini-2.5-flash:generateContent", json=body)

    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]


def test_a_stream_gives_the_text_piece_by_piece_and_then_the_answer(gemini, gemini_server):
    gemini_server.answers(wire.gemini_stream(wire.draft("Tea is ready."), pieces=5))

    *pieces, answer = gemini.stream(QUESTION)

    assert gemini_server.requests[0].path == "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    assert "".join(pieces) == wire.draft("Tea is ready.")
    assert len(pieces) == 5
    assert answer.content.segments == ["Tea is ready."]
    assert answer.tokens == 500


@pytest.mark.parametrize("version", ["v1alpha", "v1beta"])
def test_the_base_url_may_name_the_version(gemini_server, settings, version):
    settings.GEMINI_BASE_URL += f"/{version}/"
    gemini_server.answers(wire.gemini_reply(wire.draft("Tea.")))

    provider_for("gemini").ask(QUESTION)

    assert gemini_server.requests[0].path == f"/{version}/models/gemini-2.5-flash:generateContent"


RETRY_INFO = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "36s"}]


@pytest.mark.parametrize(
    ("reply", "error", "said"),
    [
        (
            wire.gemini_error(400, "INVALID_ARGUMENT", "API key not valid.", details=[{"reason": "API_KEY_INVALID"}]),
            base.KeyRefused,
            "GEMINI_API_KEY",
        ),
        (wire.gemini_error(403, "PERMISSION_DENIED", "Denied."), base.KeyRefused, "GEMINI_API_KEY"),
        (
            wire.gemini_error(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", details=RETRY_INFO),
            base.Busy,
            "You exceeded your current quota",
        ),
        (wire.gemini_error(404, "NOT_FOUND", "models/gemini-9 is not found."), base.RequestRefused, "GEMINI_MODEL"),
        (wire.gemini_error(500, "INTERNAL", "An internal error."), base.Unreachable, "500"),
        (wire.gemini_error(503, "UNAVAILABLE", "The model is overloaded."), base.Unreachable, "503"),
        (wire.gemini_error(504, "DEADLINE_EXCEEDED", "Too long."), base.TimedOut, "took too long"),
        (wire.gemini_blocked(), base.Refused, "prohibited_content"),
        (wire.gemini_reply(None, finish_reason="SAFETY"), base.Refused, "safety"),
        (wire.gemini_reply('{"segm', finish_reason="MAX_TOKENS"), base.Malformed, "grew too long"),
        (wire.gemini_reply("Here you are: tea."), base.Malformed, "cannot be read"),
        (wire.gemini_reply(None), base.Malformed, "cannot be read"),
        (wire.Reply(b"<html>Welcome</html>", content_type="text/html"), base.Malformed, "GEMINI_BASE_URL"),
        (wire.Reply(wire.gemini_response(wire.draft("Late.")), delay=1.5), base.TimedOut, "within 1 seconds"),
    ],
)
def test_what_goes_wrong_becomes_a_sentence_that_says_what_to_do(gemini, gemini_server, reply, error, said):
    gemini_server.answers(reply)

    with pytest.raises(error) as caught:
        gemini.ask(QUESTION)

    assert said in caught.value.detail


def test_a_wait_that_google_asks_for_is_told(gemini, gemini_server):
    gemini_server.answers(wire.gemini_error(429, "RESOURCE_EXHAUSTED", "Quota.", details=RETRY_INFO))

    with pytest.raises(base.Busy) as caught:
        gemini.ask(QUESTION)

    assert caught.value.retry_after == 36
    assert len(gemini_server.requests) == 1


def test_a_server_that_is_not_there_is_named(settings):
    settings.GEMINI_API_KEY = "AIza-test"
    settings.GEMINI_BASE_URL = "http://127.0.0.1:9"

    with pytest.raises(base.Unreachable, match=r"cannot be reached at http://127\.0\.0\.1:9"):
        provider_for("gemini").ask(QUESTION)


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (wire.gemini_stream('{"segments": ["Te', finish_reason="SAFETY"), base.Refused),
        (wire.gemini_stream('{"segments": ["Te', finish_reason="MAX_TOKENS"), base.Malformed),
        (wire.gemini_error(503, "UNAVAILABLE", "The model is overloaded."), base.Unreachable),
        (wire.Reply(events=[]), base.Unreachable),
    ],
)
def test_a_stream_that_fails_says_so(gemini, gemini_server, reply, error):
    gemini_server.answers(reply)

    with pytest.raises(error):
        list(gemini.stream(QUESTION))

"""What OpenAI and Gemini send over the wire, in their published forms."""

import json
from dataclasses import dataclass, field


@dataclass
class Reply:
    """One answer of a server: JSON, or the events of a stream. `delay` in seconds, before anything is sent."""

    body: object = None
    status: int = 200
    events: list[str] | None = None
    headers: dict = field(default_factory=dict)
    delay: float = 0
    content_type: str = "application/json"


def draft(*texts: str) -> str:
    """A draft as a model writes it: the JSON text that fills our schema."""
    return json.dumps({"segments": list(texts)})


# OpenAI, Responses API


def openai_response(
    text: str, *, status="completed", model="gpt-5-mini-2026-08-07", input_tokens=310, output_tokens=92
):
    return {
        "id": "resp_67ccd2bed1ec8190b14f964abc0542670bb6a6b452d3795b",
        "object": "response",
        "created_at": 1741476542,
        "completed_at": 1741476543,
        "status": status,
        "background": False,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": 3000,
        "metadata": {},
        "model": model,
        "output": [
            {"type": "reasoning", "id": "rs_67ccd2bf17f0819081ff3bb2cf6508e6", "summary": []},
            {
                "type": "message",
                "id": "msg_67ccd2bf17f0819081ff3bb2cf6508e60bb6a6b452d3795b",
                "status": status,
                "role": "assistant",
                "content": [{"type": "output_text", "text": text, "annotations": [], "logprobs": []}],
            },
        ],
        "parallel_tool_calls": True,
        "previous_response_id": None,
        "reasoning": {"effort": None, "summary": None},
        "store": False,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
        "truncation": "disabled",
        "usage": {
            "input_tokens": input_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": output_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": input_tokens + output_tokens,
        },
        "user": None,
    }


def openai_reply(text: str, **kwargs) -> Reply:
    return Reply(openai_response(text, **kwargs))


def openai_refusal(reason: str) -> Reply:
    response = openai_response("")
    response["output"][-1]["content"] = [{"type": "refusal", "refusal": reason}]
    return Reply(response)


def openai_cut_off(text: str, reason: str = "max_output_tokens") -> Reply:
    response = openai_response(text, status="incomplete")
    response["incomplete_details"] = {"reason": reason}
    return Reply(response)


def openai_failed(code: str, message: str) -> Reply:
    response = openai_response("", status="failed")
    response["output"], response["error"] = [], {"code": code, "message": message}
    return Reply(response)


def openai_error(
    status: int, *, message: str, code: str | None = None, kind="invalid_request_error", **headers
) -> Reply:
    error = {"message": message, "type": kind, "param": None, "code": code}
    return Reply({"error": error}, status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


def openai_stream(
    text: str, *, pieces: int = 4, end: str = "response.completed", response: dict | None = None
) -> Reply:
    """The events of a streamed response; `end` empty breaks off before the end."""
    response = response or openai_response(text)
    message = response["output"][-1] if response["output"] else {"id": "msg_1", "content": []}
    begun = {**response, "status": "in_progress", "output": [], "usage": None, "completed_at": None}
    item = {**message, "status": "in_progress", "content": []}
    part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    place = {"item_id": message["id"], "output_index": 1, "content_index": 0}
    events = [
        {"type": "response.created", "response": begun},
        {"type": "response.in_progress", "response": begun},
        {"type": "response.output_item.added", "output_index": 1, "item": item},
        {"type": "response.content_part.added", **place, "part": part},
        *(
            {"type": "response.output_text.delta", **place, "delta": piece, "logprobs": []}
            for piece in in_pieces(text, pieces)
        ),
        {"type": "response.output_text.done", **place, "text": text, "logprobs": []},
        {"type": "response.content_part.done", **place, "part": {**part, "text": text}},
        {"type": "response.output_item.done", "output_index": 1, "item": message},
    ]
    if end:
        events.append({"type": end, "response": response})
    return Reply(
        events=[
            f"event: {event['type']}\ndata: {json.dumps({**event, 'sequence_number': number})}\n\n"
            for number, event in enumerate(events)
        ]
    )


def openai_stream_error(code: str, message: str) -> Reply:
    event = {"type": "error", "code": code, "message": message, "param": None, "sequence_number": 0}
    return Reply(events=[f"event: error\ndata: {json.dumps(event)}\n\n"])


# OpenAI's older chat completions, as compatible servers speak them


def chat_completion(text: str | None, *, finish_reason="stop", refusal=None) -> Reply:
    return Reply(
        {
            "id": "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
            "object": "chat.completion",
            "created": 1741569952,
            "model": "llama-3.3-70b",
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": text, "refusal": refusal, "annotations": []},
                    "logprobs": None,
                    "finish_reason": finish_reason,
                }
            ],
            "usage": {"prompt_tokens": 290, "completion_tokens": 60, "total_tokens": 350},
        }
    )


def chat_stream(text: str, *, pieces: int = 4) -> Reply:
    def chunk(choices, usage=None):
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1741569952,
            "model": "llama-3.3-70b",
            "choices": choices,
            "usage": usage,
        }

    chunks = [
        chunk([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]),
        *(
            chunk([{"index": 0, "delta": {"content": piece}, "finish_reason": None}])
            for piece in in_pieces(text, pieces)
        ),
        chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]),
        chunk([], {"prompt_tokens": 290, "completion_tokens": 60, "total_tokens": 350}),
    ]
    return Reply(events=[f"data: {json.dumps(each)}\n\n" for each in chunks] + ["data: [DONE]\n\n"])


NO_SUCH_ADDRESS = Reply({"detail": "Not Found"}, status=404)


# Gemini


def gemini_response(text: str | None, *, finish_reason: str | None = "STOP", usage: bool = True) -> dict:
    candidate: dict = {"index": 0}
    if text is not None:
        candidate["content"] = {"role": "model", "parts": [{"text": text}]}
    if finish_reason:
        candidate["finishReason"] = finish_reason
    return {
        "candidates": [candidate],
        "modelVersion": "gemini-2.5-flash",
        "responseId": "mAitaLmkHPPlz7IPvtfUqQ4",
        **(
            {
                "usageMetadata": {
                    "promptTokenCount": 280,
                    "candidatesTokenCount": 70,
                    "thoughtsTokenCount": 150,
                    "totalTokenCount": 500,
                    "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 280}],
                }
            }
            if usage
            else {}
        ),
    }


def gemini_reply(text: str | None, **kwargs) -> Reply:
    return Reply(gemini_response(text, **kwargs))


def gemini_blocked(reason: str = "PROHIBITED_CONTENT") -> Reply:
    return Reply(
        {
            "promptFeedback": {"blockReason": reason},
            "usageMetadata": {"promptTokenCount": 280, "totalTokenCount": 280},
            "modelVersion": "gemini-2.5-flash",
        }
    )


def gemini_stream(text: str, *, pieces: int = 4, finish_reason: str = "STOP") -> Reply:
    parts = in_pieces(text, pieces)
    bodies = [gemini_response(part, finish_reason=None, usage=False) for part in parts[:-1]]
    bodies.append(gemini_response(parts[-1], finish_reason=finish_reason))
    return Reply(events=[f"data: {json.dumps(body)}\r\n\r\n" for body in bodies])


def gemini_error(status: int, word: str, message: str, *, details: list | None = None) -> Reply:
    return Reply(
        {"error": {"code": status, "message": message, "status": word, "details": details or []}}, status=status
    )


def in_pieces(text: str, number: int) -> list[str]:
    size = max(1, -(-len(text) // number))
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]

"""Answers that are sent while they come into being: server-sent events."""

import json
from collections.abc import Iterable, Iterator

from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from organizations.access import working_for

EVENT_STREAM = "text/event-stream"


class EventStreamRenderer(JSONRenderer):
    """Lets a client ask for events by `Accept`. What fails before the first event is still a problem document."""

    media_type = EVENT_STREAM
    format = "events"
    charset = "utf-8"


def wants_events(request) -> bool:
    said = request.query_params.get("stream", "false")
    if said not in ("true", "false"):
        raise ValidationError({"stream": [_("Give true or false.")]}, code="wrong_type")
    return request.accepted_media_type.startswith(EVENT_STREAM) or said == "true"


def event_stream(events: Iterable[tuple[str, dict]], *, view: APIView, organization) -> StreamingHttpResponse:
    """`events` as (name, data), sent one by one. What goes wrong on the way is the last event, `problem`."""
    response = StreamingHttpResponse(_lines(events, view, organization), content_type=f"{EVENT_STREAM}; charset=utf-8")
    response["Cache-Control"] = "no-cache, no-transform"
    response["X-Accel-Buffering"] = "no"  # nginx would collect the events
    return response


def _lines(events, view, organization) -> Iterator[bytes]:
    # For the middleware the request is over when the first line is sent.
    with working_for(organization):
        try:
            for name, data in events:
                yield _event(name, data)
        except Exception as error:
            yield _event("problem", view.get_exception_handler()(error, view.get_exception_handler_context()).data)


def _event(name: str, data: dict) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, cls=JSONEncoder, ensure_ascii=False)}\n\n".encode()

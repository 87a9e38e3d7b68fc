"""A way out that leads nowhere: it notes every call and answers as the network would."""

import json
import re
from typing import Any

from urllib3 import HTTPHeaderDict

from .uploads import Upload
from .wire import SECRET, Reply, Wire, _readable, _without_secrets

# "METHOD url" → the body that the network would send, and its headers. "{n}" counts the calls of the kind.
Answers = dict[str, tuple[Any, dict[str, str]]]


class RehearsalWire(Wire):
    """Sends nothing. Notes what would be sent, without secrets, and answers by `answers`."""

    def __init__(self, *, answers: Answers, **options):
        super().__init__(**options)
        self.answers = answers
        self.counts: dict[str, int] = {}

    def _call(self, method, url, body, headers, timeout=None):
        if isinstance(body, Upload):
            headers = {**headers, "Content-Length": str(body.length)}
        self._note(
            {
                "method": method,
                "url": _without_secrets(url),
                "headers": {name: _shown(name, value) for name, value in headers.items()},
                "sent": _readable(body, headers),
                "times": 1,
            }
        )
        for pattern, (said, answered) in self.answers.items():
            if re.search(pattern, f"{method} {url}"):
                self.counts[pattern] = self.counts.get(pattern, 0) + 1
                return _reply(said, answered, self.counts[pattern])
        return _reply({}, {}, 1)

    def _note(self, call: dict) -> None:
        last = self.exchanges[-1] if self.exchanges else None
        if last and call["method"] != "GET" and _same(last, call):
            last["times"] += 1  # the pieces of one file
        else:
            self.exchanges.append(call)


def _same(one: dict, other: dict) -> bool:
    return (one["method"], one["url"]) == (other["method"], other["url"]) and one["url"].endswith("/append")


def _reply(said: Any, headers: dict[str, str], number: int) -> Reply:
    def counted(text: str) -> str:
        return text.replace("{n}", str(number))

    return Reply(
        status=200,
        headers=HTTPHeaderDict(
            {"Content-Type": "application/json", **{name: counted(value) for name, value in headers.items()}}
        ),
        body=counted(json.dumps(said)).encode(),
    )


def _shown(name: str, value: Any) -> str:
    text = value.decode() if isinstance(value, bytes) else str(value)
    if not SECRET.search(name):
        return text
    return f"{text.partition(' ')[0]} …" if " " in text else "…"

"""Why a message did not go out, named by what to do next.

Every message given to these errors is read by an editor: a full sentence that
says what happened and what to do. `detail` is for the attempt log: what was
sent and what came back, secrets removed.
"""


class PublishingError(Exception):
    """Base of the four; `message` is for a person, `detail` for the attempt log."""

    def __init__(self, message: str, *, detail: dict | None = None):
        super().__init__(message)
        self.message = message
        self.detail = detail or {}


class TryLater(PublishingError):
    """Surely nothing was sent, and a later attempt may succeed.

    `retry_after` is what the network itself asked for, in seconds, when it did.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, detail: dict | None = None):
        super().__init__(message, detail=detail)
        self.retry_after = retry_after


class OutOfTouch(TryLater):
    """The worker may no longer be the one who has this in hand, so it sent nothing. Nobody's fault but ours."""


class ReconnectNeeded(PublishingError):
    """The channel's authorization no longer holds: a person has to connect it again."""


class Rejected(PublishingError):
    """The network read the message and refuses it: a person has to change it."""


class OutcomeUnknown(PublishingError):
    """It may have been sent. It must be looked for on the network before it is sent again."""

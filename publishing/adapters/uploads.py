"""Files on their way to a network: read in pieces, never held whole."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urljoin
from uuid import uuid4

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from publishing.errors import Rejected
from publishing.messages import Media

PIECE = 256 * 1024


class Upload:
    """A request's body that is read from `file` while it is sent: `length` bytes from `offset`, between two texts."""

    def __init__(
        self, file, *, media: Media, offset: int = 0, length: int | None = None, before: bytes = b"", after: bytes = b""
    ):
        self.file, self.media = file, media
        self.offset = offset
        self.file_length = file.size - offset if length is None else length
        self.before, self.after = before, after

    @property
    def length(self) -> int:
        return len(self.before) + self.file_length + len(self.after)

    @property
    def described(self) -> str:
        """What the log says instead of the bytes."""
        return f"{self.file_length} bytes ({self.media.mime_type})"

    def __iter__(self) -> Iterator[bytes]:
        if self.before:
            yield self.before
        self.file.seek(self.offset)
        left = self.file_length
        while left and (piece := self.file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
        if self.after:
            yield self.after


class MultipartUpload(Upload):
    """A form with one file in it, as multipart/form-data."""

    def __init__(self, file, *, media: Media, field: str, file_name: str, fields: Sequence[tuple[str, str]] = ()):
        boundary = uuid4().hex
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self.field, self.fields = field, fields
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields
        )
        quoted = file_name.replace("\\", "_").replace('"', "_")
        head += (
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{quoted}"\r\n'
            f"Content-Type: {media.mime_type}\r\n\r\n"
        )
        super().__init__(file, media=media, before=head.encode(), after=f"\r\n--{boundary}--\r\n".encode())

    @property
    def described(self):
        return {**dict(self.fields), self.field: super().described}


@contextmanager
def opened(media: Media):
    """The file of `media`, open for reading. Raises Rejected where the library no longer has it."""
    try:
        file = default_storage.open(media.path)
    except FileNotFoundError as err:
        raise Rejected(
            _("The file “%(title)s” is no longer in the library. Choose it again.") % {"title": media.title}
        ) from err
    with file:
        yield file


def public_address(path: str) -> str:
    """The signed, time-limited address of a file in the library, from which a network may fetch it by itself."""
    return urljoin(f"{settings.BASE_URL}/", default_storage.url(path))

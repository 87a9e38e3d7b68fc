"""Looks into uploaded files: what a file is called must be what it is."""

import zipfile
from collections.abc import Callable
from pathlib import PurePath
from typing import IO

import filetype
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

TYPE_BYTES = 8192  # more than any signature of a file type is long, and enough text to see what it is

# What is inside the ZIP archive that each of these is.
MEMBER_OF_ARCHIVE = {
    "docx": "word/document.xml",
    "odt": "content.xml",
    "pptx": "ppt/presentation.xml",
    "xlsx": "xl/workbook.xml",
}


def check_document(file: IO[bytes], *, name: str) -> None:
    """Raises ValidationError unless the content of `file` is of the kind that the ending of `name` promises.

    Kinds that are not known here are left to the list of allowed endings.
    """
    ending = PurePath(name).suffix.lower().removeprefix(".")
    looks_like = LOOKS_LIKE.get(ending)
    file.seek(0)
    try:
        if looks_like is None or looks_like(file, ending):
            return
    finally:
        file.seek(0)
    raise ValidationError(
        _(
            "“%(name)s” is not what its ending says: the content is no %(kind)s file. "
            "Export it again from the program that made it, or give it its own ending."
        ),
        code="content_mismatch",
        params={"name": name, "kind": ending.upper()},
    )


def _has_signature(file: IO[bytes], ending: str) -> bool:
    found = filetype.guess(file.read(TYPE_BYTES))
    return found is not None and found.extension == ending


def _is_archive(file: IO[bytes], ending: str) -> bool:
    if not zipfile.is_zipfile(file):
        return False
    member = MEMBER_OF_ARCHIVE.get(ending)
    try:
        with zipfile.ZipFile(file) as archive:
            return member is None or member in archive.namelist()
    except zipfile.BadZipFile:
        return False


def _is_video(file: IO[bytes], ending: str) -> bool:
    # QuickTime's and Apple's brands are the same container, and phones write them into files called mp4.
    found = filetype.guess(file.read(TYPE_BYTES))
    return found is not None and found.mime in {"video/mp4", "video/quicktime", "video/x-m4v"}


def _is_text(file: IO[bytes], ending: str) -> bool:
    start = file.read(TYPE_BYTES)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True  # UTF-16, as spreadsheets save it
    return b"\x00" not in start and filetype.guess(start) is None


LOOKS_LIKE: dict[str, Callable[[IO[bytes], str], bool]] = {
    "csv": _is_text,
    "docx": _is_archive,
    "key": _is_archive,
    "md": _is_text,
    "mp4": _is_video,
    "odt": _is_archive,
    "pdf": _has_signature,
    "pptx": _is_archive,
    "rtf": _has_signature,
    "txt": _is_text,
    "xlsx": _is_archive,
    "zip": _is_archive,
}

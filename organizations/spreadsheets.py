"""What goes into tables that spreadsheets open: nothing that one of them would run."""

import csv
import io
from collections.abc import Iterable
from itertools import chain

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula: with an apostrophe before it, as spreadsheets themselves do."""
    return f"'{text}" if text.startswith(DANGEROUS) else text


def as_it_was(text: str) -> str:
    """Undoes `harmless`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(DANGEROUS) else text


def write_csv(heading: list[str], rows: Iterable[list[str]]) -> Iterable[bytes]:
    """The table as UTF-8 with a mark that spreadsheets understand, a line at a time."""
    yield "\ufeff".encode()
    for row in chain([heading], rows):
        line = io.StringIO()
        csv.writer(line).writerow([harmless(each) for each in row])
        yield line.getvalue().encode()

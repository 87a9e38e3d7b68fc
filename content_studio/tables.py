"""CSV and XLSX in and out: tables as people's programs write them, and none that does something when it is opened."""

import csv
import datetime
import io
import zipfile
from collections.abc import Iterable

import openpyxl
from django.utils.translation import gettext as _

from organizations.problems import Problem
from organizations.spreadsheets import DANGEROUS

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 50 * 1024 * 1024
MOST_ROWS = 1000
MOST_COLUMNS = 60


class UnreadableTable(Problem):
    slug = "unreadable-table"
    status = 422
    title = "The table cannot be read"


def read_table(content: bytes, *, name: str) -> list[list[str]]:
    """The rows of a CSV or XLSX file as texts, the heading first; empty rows are left out. Raises UnreadableTable."""
    if len(content) > MOST_BYTES:
        raise UnreadableTable(_("The file is larger than %(most)s MB. Split it.") % {"most": MOST_BYTES // 1024**2})
    is_workbook = content[:4] == b"PK\x03\x04"
    if not is_workbook and name.lower().endswith((".xlsx", ".xls", ".ods", ".numbers")):
        raise UnreadableTable(_("This is no XLSX file. Save it as “Excel workbook (.xlsx)” or as CSV."))
    rows = _workbook(content) if is_workbook else _csv(content)
    found: list[list[str]] = []
    for row in rows:
        row = [each.strip("\ufeff") for each in row]
        while row and not row[-1].strip():
            row.pop()
        if row:
            found.append(row)
        if len(found) > MOST_ROWS + 1:
            raise UnreadableTable(_("The table has more than %(most)s rows. Split it.") % {"most": MOST_ROWS})
    if not found:
        raise UnreadableTable(_("The file is empty."))
    if max(map(len, found)) > MOST_COLUMNS:
        raise UnreadableTable(_("The table has more than %(most)s columns.") % {"most": MOST_COLUMNS})
    return found


def _csv(content: bytes) -> Iterable[list[str]]:
    text = _decoded(content)
    if "\x00" in text:
        raise UnreadableTable(_("This is no text file. Upload a CSV or an XLSX file."))
    heading = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(",;\t", key=heading.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False))
    except csv.Error as err:
        raise UnreadableTable(_("The CSV cannot be read: %(reason)s.") % {"reason": err}) from err


def _decoded(content: bytes) -> str:
    """Unicode where the file says so or is it; else what Windows programs in Western Europe write."""
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableTable(_("The file's characters cannot be read. Save it as “CSV UTF-8”."))


def _workbook(content: bytes) -> Iterable[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > MOST_UNPACKED:
                raise UnreadableTable(_("The workbook is too large once it is unpacked."))
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a file says of its own size is not to be believed
        rows = []
        for row in sheet.iter_rows(max_col=MOST_COLUMNS + 1, values_only=True):
            rows.append([_cell(value) for value in row])
            if len(rows) > MOST_ROWS * 2:
                break
        return rows
    except UnreadableTable:
        raise
    except Exception as err:  # openpyxl fails in as many ways as there are broken files
        raise UnreadableTable(_("The workbook cannot be opened. Save it anew as XLSX, or as CSV.")) from err


def _cell(value) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, datetime.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, datetime.time):
        return f"{value:%H:%M}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def write_xlsx(heading: list[str], rows: Iterable[list[str]]) -> bytes:
    """The table as a workbook in which every cell is a text, never a formula."""
    book = openpyxl.Workbook()
    sheet = book.active
    for number, row in enumerate([heading, *rows], start=1):
        for place, text in enumerate(row, start=1):
            cell = sheet.cell(number, place)
            # Spreadsheets refuse control characters and more than 32,767 of any.
            cell.value = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", text)[:32_000]
            cell.data_type = "s"
            cell.quotePrefix = text.startswith(DANGEROUS)
            if number == 1:
                cell.font = openpyxl.styles.Font(bold=True)
    sheet.freeze_panes = "A2"
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()

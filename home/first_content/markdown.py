"""Turns the Markdown files of the first content into the blocks that an editor would have made."""

from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
_FROM_THE_PROGRAM = {"[networks]", "[roles]", "[problems]"}
_NOTES = {"Note": "note", "Tip": "tip", "Warning": "warning"}


@dataclass
class Article:
    """A file: what stands between the two lines of dashes, and the blocks below."""

    slug: str
    about: dict[str, str]
    body: list[tuple[str, Any]] = field(default_factory=list)


def read(path: Path) -> Article:
    """`10-first-post.md` → the article with the slug `first-post`."""
    _, head, text = path.read_text().split("---\n", 2)
    about = dict(line.split(": ", 1) for line in head.strip().splitlines())
    return Article(slug=path.stem.lstrip("0123456789-"), about=about, body=blocks(text))


def blocks(text: str) -> list[tuple[str, Any]]:
    """Code becomes a code block, a table a table, a quotation that begins with Note, Tip or Warning a note.

    Fences that follow one another directly are the same thing in several languages.
    """
    found: list[tuple[str, Any]] = []
    prose: list[Token] = []

    def end_of_prose():
        if prose:
            found.append(("text", _html(prose)))
            prose.clear()

    tokens = _PARSER.parse(text)
    at = 0
    while at < len(tokens):
        end = _end_of(tokens, at)
        part = tokens[at : end + 1]
        at = end + 1
        special = _special(part)
        if special is None:
            prose.extend(part)
            continue
        end_of_prose()
        if special[0] == "code" and found and found[-1][0] == "code" and not special[1]["caption"]:
            found[-1][1]["samples"].extend(special[1]["samples"])
        else:
            found.append(special)
    end_of_prose()
    return found


def _end_of(tokens: list[Token], start: int) -> int:
    depth = 0
    for at in range(start, len(tokens)):
        depth += tokens[at].nesting
        if depth == 0:
            return at
    return len(tokens) - 1


def _special(part: list[Token]) -> tuple[str, Any] | None:
    first = part[0]
    if first.type == "fence":
        language, _, caption = first.info.partition(" ")
        return "code", {
            "caption": caption,
            "samples": [{"language": language or "text", "code": first.content.rstrip()}],
        }
    if first.type == "table_open":
        return "table", _table(part)
    if first.type == "blockquote_open":
        said = next((token.content for token in part if token.type == "inline"), "")
        word, colon, _ = said.partition(":")
        if colon and word in _NOTES:
            return "note", {"kind": _NOTES[word], "text": _html(part[1:-1]).replace(f"{word}: ", "", 1)}
    if first.type == "paragraph_open" and part[1].content in _FROM_THE_PROGRAM:
        return part[1].content.strip("[]"), {"heading": ""}
    return None


def _html(tokens: list[Token]) -> str:
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    for ours, theirs in (("strong", "b"), ("em", "i")):
        html = html.replace(f"<{ours}>", f"<{theirs}>").replace(f"</{ours}>", f"</{theirs}>")
    return html.replace("\n", " ").strip()


def _table(part: list[Token]) -> dict:
    rows: list[list[str]] = []
    for token in part:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_PARSER.renderer.render([token], _PARSER.options, {}))
    head, *others = rows
    return {
        "columns": [{"type": "text", "heading": escape(cell)} for cell in head],
        "rows": [{"values": [f"<p>{cell}</p>".replace("strong>", "b>") for cell in row]} for row in others],
        "caption": "",
    }

"""What a suggestion changes, word by word."""

import re
from difflib import SequenceMatcher

_PIECES = re.compile(r"\s+|\w+|[^\w\s]")


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """Pieces in reading order, each ("same" | "out" | "in", text): all but "in" is `before`, all but "out" `after`."""
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    pieces: list[tuple[str, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(old[a:b])))
            continue
        if a < b:
            pieces.append(("out", "".join(old[a:b])))
        if c < d:
            pieces.append(("in", "".join(new[c:d])))
    return pieces

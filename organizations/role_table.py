"""The table of roles as a page of the documentation. A test keeps `docs/roles.md` equal to it."""

from .models import Role
from .roles import ACTIONS_OF_ROLE, Action

INTRODUCTION = """# What each role may do

Permissions in the studio and in the API derive from one table, `organizations/roles.py`; this page is made from it.
Who belongs to several organizations has in each only what their role there allows.
"""


def as_markdown() -> str:
    """The whole page."""
    lines = [INTRODUCTION, "| | " + " | ".join(map(str, Role.labels)) + " |", "| --- |" + " :-: |" * len(Role)]
    for action in Action:
        cells = " | ".join("✓" if action in ACTIONS_OF_ROLE[role] else "" for role in Role)
        lines.append(f"| {action.label} | {cells} |")
    return "\n".join(lines) + "\n"

"""Tells an organization's Owners, once a period, that its tokens run low or have run out."""


def look_at(period_id: int) -> None:
    """Looks at a period after its counter grew, and warns if it passed 80 % or 100 % of the limit."""

"""Where the bars of a plot go. The template draws them as SVG; nothing runs in the browser."""

from dataclasses import dataclass
from datetime import date

from .usage import Day

WIDTH, HEIGHT = 720, 180
LEFT, BOTTOM, TOP = 44, 22, 8  # room for the scale, the dates and the highest number


@dataclass(frozen=True)
class Bar:
    day: date
    tokens: int
    x: float
    y: float
    width: float
    height: float
    middle: float
    dated: bool  # has its day written below


@dataclass(frozen=True)
class Tick:
    value: int
    y: float


@dataclass(frozen=True)
class Plot:
    bars: list[Bar]
    ticks: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = HEIGHT - BOTTOM


def by_day(days: list[Day]) -> Plot:
    """One bar for each day, on a scale that begins at 0 and ends at a round number."""
    top = _round_up(max((each.tokens for each in days), default=0))
    room = HEIGHT - BOTTOM - TOP
    step = (WIDTH - LEFT) / max(len(days), 1)
    every = -(-len(days) // 8)
    bars = []
    for number, each in enumerate(days):
        height = each.tokens / top * room
        x = LEFT + number * step
        bars.append(
            Bar(
                day=each.day,
                tokens=each.tokens,
                x=round(x + step * 0.15, 1),
                y=round(HEIGHT - BOTTOM - height, 1),
                width=round(step * 0.7, 1),
                height=round(height, 1),
                middle=round(x + step / 2, 1),
                dated=number % every == 0,
            )
        )
    ticks = [Tick(top * part // 2, round(HEIGHT - BOTTOM - room * part / 2, 1)) for part in range(3)]
    return Plot(bars, ticks)


def _round_up(value: int) -> int:
    """The next even 1, 2, 4, 6 or 10 times a power of ten, at least 2, so that its half is whole."""
    if value <= 2:
        return 2
    power = 10 ** (len(str(value)) - 1)
    return next(
        candidate for factor in (1, 2, 4, 6, 10, 20) if (candidate := factor * power) >= value and candidate % 2 == 0
    )

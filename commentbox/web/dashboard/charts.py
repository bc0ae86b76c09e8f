"""Small charts as numbers for SVG: where each bar begins and how long it is."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 180
LEFT, TOP, BOTTOM = 36, 10, 22
"""Room for the axis: its numbers on the left, days below."""


@dataclass(frozen=True)
class Bar:
    """One bar of two parts that stand on each other."""

    x: float
    width: float
    lower_y: float
    lower_height: float
    upper_y: float
    upper_height: float
    label: str  # below the bar; "" where there is no room
    title: str  # what is said when one points at it


@dataclass(frozen=True)
class Tick:
    """A line of the axis."""

    y: float
    label: int


@dataclass(frozen=True)
class Columns:
    """A chart of bars side by side, in the units of its ``viewBox``."""

    bars: Sequence[Bar]
    ticks: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    base: int = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Value:
    """What a bar shows: its upper part and its lower one."""

    lower: int
    upper: int
    label: str
    title: str


def columns(values: Sequence[Value]) -> Columns:
    """Return a chart of values from left to right."""
    most = max((value.lower + value.upper for value in values), default=0)
    step = _step(most)
    top = max(step * -(-most // step), step)
    room = HEIGHT - TOP - BOTTOM
    slot = (WIDTH - LEFT) / max(len(values), 1)
    every = max(1, -(-len(values) * 64 // (WIDTH - LEFT)))
    bars = []
    for index, value in enumerate(values):
        lower, upper = (part * room / top for part in (value.lower, value.upper))
        bars.append(
            Bar(
                x=round(LEFT + slot * index + slot * 0.12, 2),
                width=round(slot * 0.76, 2),
                lower_y=round(TOP + room - lower, 2),
                lower_height=round(lower, 2),
                upper_y=round(TOP + room - lower - upper, 2),
                upper_height=round(upper, 2),
                label=value.label if (len(values) - 1 - index) % every == 0 else "",
                title=value.title,
            )
        )
    ticks = [
        Tick(round(TOP + room - at * room / top, 2), at) for at in range(0, int(top) + 1, step)
    ]
    return Columns(bars, ticks)


def _step(most: int) -> int:
    """Return the distance of the axis' lines: 1, 2 or 5 times a power of ten, at most five of them."""
    size = 1
    while True:
        for times in (1, 2, 5):
            if times * size * 5 >= most:
                return times * size
        size *= 10

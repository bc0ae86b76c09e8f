"""The same conversations for every engine: 34 to 776 characters a comment, up to five levels deep."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

WORDS = re.findall(
    r"\w+",
    "the a of to and in that it is was for on are with as at be this have from or had by not but "
    "what all were when we there can an your which their said if do will each about how up out "
    "them then she many some so these would other into has more her two like him see time could "
    "no make than first been its",
)
MIN_CHARS, MAX_CHARS, MAX_DEPTH = 34, 776, 5


@dataclass(frozen=True)
class Seed:
    """A comment to be: its number from 0 within the thread, and the number that it answers."""

    number: int
    parent: int | None
    name: str
    text: str


def conversation(length: int, seed: int = 1) -> Iterator[Seed]:
    """Return the comments of a thread, each parent before its replies; the same for the same seed."""
    chance = Random(seed)
    depths: list[int] = []
    for number in range(length):
        parent = None
        if depths and chance.random() < 0.6:
            parent = chance.randrange(max(0, number - 20), number)
            if depths[parent] + 1 >= MAX_DEPTH:
                parent = None
        depths.append(0 if parent is None else depths[parent] + 1)
        yield Seed(number, parent, f"Reader {chance.randrange(500)}", _text(chance, number))


def _text(chance: Random, number: int) -> str:
    length = chance.randint(MIN_CHARS, MAX_CHARS)
    text = f"{number}: "
    while len(text) < length:
        text += chance.choice(WORDS) + (".\n\n" if chance.random() < 0.02 else " ")
    return text[:length].strip()

# SPDX-License-Identifier: Apache-2.0
"""Maps as sorted ranges of addresses: made, cut, compared. A range ends before `end`."""
import bisect
from typing import NamedTuple

PAGE = 0x1000


class Span(NamedTuple):
    """[start, end) leads to `out` and following; `what` is everything else that counts, as a tuple of words."""
    start: int
    end: int
    out: int
    what: tuple

    def words(self):
        return f"{' '.join(self.what)} host {self.out:#x}"


class Part(NamedTuple):
    """[start, end) of the host's memory has an owner."""
    start: int
    end: int
    owner: str


def place(start, end):
    return f"{start:#x}-{end - 1:#x}"


def page_down(address):
    return address & ~(PAGE - 1)


def page_up(address):
    return page_down(address + PAGE - 1)


def coalesce(spans):
    """Neighbours that say the same are one."""
    joined = []
    for span in sorted(spans):
        last = joined[-1] if joined else None
        if last and last.end == span.start and last.what == span.what and last.out + last.end - last.start == span.out:
            joined[-1] = last._replace(end=span.end)
        else:
            joined.append(span)
    return joined


def overlaps(parts):
    """Pairs of neighbours that share an address, of anything with start and end."""
    ordered, reach = sorted(parts, key=lambda part: (part.start, part.end)), None
    for part in ordered:
        if reach and part.start < reach.end:
            yield reach, part
        if not reach or part.end > reach.end:
            reach = part


def covering(spans, start, end):
    """Each piece of [start, end) with the span that has it, or None. `spans`: sorted, without overlaps."""
    at = start
    for span in spans[max(bisect.bisect_right(spans, start, key=lambda span: span.start) - 1, 0):]:
        if span.start >= end:
            break
        if span.end <= at:
            continue
        if span.start > at:
            yield at, span.start, None
        yield max(at, span.start), min(end, span.end), span
        at = min(end, span.end)
    if at < end:
        yield at, end, None


def _same(piece, one, other):
    if one is None or other is None:
        return one is other
    return one.what == other.what and one.out + piece - one.start == other.out + piece - other.start


def compare(found, needed):
    """Pieces in which two sorted lists without overlaps differ: start, end, the found and the needed span, cut to it."""
    edges = sorted({edge for span in (*found, *needed) for edge in (span.start, span.end)})
    lists, position, pieces = (found, needed), [0, 0], []
    for start, end in zip(edges, edges[1:]):
        here = []
        for side, spans in enumerate(lists):
            while position[side] < len(spans) and spans[position[side]].end <= start:
                position[side] += 1
            span = spans[position[side]] if position[side] < len(spans) else None
            here.append(span if span and span.start <= start else None)
        if not _same(start, *here):
            pieces.append((start, end, here[0], here[1]))
    for start, end, one, other in _join(pieces):
        yield start, end, *(span and Span(start, end, span.out + start - span.start, span.what) for span in (one, other))


def _join(pieces):
    """Neighbouring pieces of the same two spans."""
    joined = []
    for start, end, one, other in pieces:
        if joined and joined[-1][1] == start and joined[-1][2:] == (one, other):
            joined[-1] = (joined[-1][0], end, one, other)
        else:
            joined.append((start, end, one, other))
    return joined

"""When the garbage collector looks at everything: when nobody presses a key.

A full collection among the painted lines of a thousand posts takes 45 ms, in the midst of any key. What is young, a
thousandth of that, is collected as ever; most garbage needs no collector at all.
"""

from __future__ import annotations

import gc

REST_S = 1.0
DUE = 10  # collections of what is young, as the interpreter itself counts
_NEVER = 1_000_000


def begin() -> None:
    """After the first paint: the program without any collection till now."""
    gc.set_threshold(*gc.get_threshold()[:2], _NEVER)
    set_aside()
    gc.enable()


def set_aside() -> None:
    """Lets no later collection look at what is here now: modules and whatever else was loaded for good.

    Without a collection first: it takes 20 ms to find some 3,000 objects of 80,000.
    """
    gc.freeze()


def collect_at_rest(rested: float) -> bool:
    """Asked every second. `rested`: seconds since the user last did something. Whether everything was collected."""
    if rested < REST_S or gc.get_count()[2] < DUE:
        return False
    gc.collect()
    return True

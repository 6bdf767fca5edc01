"""How the C library keeps memory that was freed: for a server that loads much and then stays."""

import ctypes
from typing import Final

_MMAP_THRESHOLD: Final = -3  # mallopt(3)
_ARENA_MAX: Final = -8


def give_back() -> None:
    """Have large blocks go back to the system when they are freed; call it before loading anything.

    The threshold is glibc's own, 128 kB; left alone it grows with what is freed, up to 32 MB, and
    what the models leave behind at load stays with the process: 485 MB instead of 436 (sample
    base, after the first answer). Two arenas, one a core, not eight. Other C
    libraries have no such options and are left alone.
    """
    options = getattr(ctypes.CDLL(None), "mallopt", None)
    if options is not None:
        options(_MMAP_THRESHOLD, 128 * 1024)
        options(_ARENA_MAX, 2)

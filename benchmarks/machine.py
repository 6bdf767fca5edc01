"""What the kernel knows about a process tree and about the machine (Linux: read from /proc)."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_TICK = os.sysconf("SC_CLK_TCK")
_IDLE = (3, 4)  # the columns of /proc/stat that are not work: idle, waiting for input or output


def tree(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for each, parent in _parents():
        children.setdefault(parent, []).append(each)
    found = [pid]
    for each in found:  # it grows while it is walked
        found += children.get(each, [])
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for folder in _PROC.iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended just now
            yield int(folder.name), int(fields[1])


def cpu_seconds(pid: int) -> float:
    """Processor time of the tree so far, to the nanosecond, threads that ended included."""
    # clock_getcpuclockid(3) as Linux numbers the clocks; /proc/stat would count in 10 ms.
    return sum(time.clock_gettime((~each << 3) | 2) for each in tree(pid))


def resident_megabytes(pid: int) -> float:
    """Resident memory of the tree, in MB of 10^6 bytes."""
    total = 0
    for each in tree(pid):
        status = (_PROC / str(each) / "status").read_text()
        total += sum(int(line.split()[1]) for line in status.splitlines() if "VmRSS" in line)
    return total * 1024 / 1e6


class Others:
    """How much of the machine other programs take, from its making to each look."""

    def __init__(self) -> None:
        self._began, self._busy, self._ours = time.monotonic(), _busy(), self._own()

    def share(self) -> float:
        """Processor time of everybody else, 0 to 1 of all cores."""
        elapsed = (time.monotonic() - self._began) * (os.cpu_count() or 1)
        others = (_busy() - self._busy) - (self._own() - self._ours)
        return min(1.0, max(0.0, others / max(elapsed, 1e-9)))

    @staticmethod
    def _own() -> float:
        ended = os.times()  # children that were waited for are in here
        return cpu_seconds(os.getpid()) + ended.children_user + ended.children_system


def _busy() -> float:
    fields = [int(field) for field in (_PROC / "stat").read_text().split("\n")[0].split()[1:9]]
    return sum(value for n, value in enumerate(fields) if n not in _IDLE) / _TICK

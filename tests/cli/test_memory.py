"""What was loaded and let go of does not stay with the process."""

import subprocess
import sys

import pytest

LOADS = """
import sys
from bot.cli.memory import give_back
if sys.argv[1] == "gives back":
    give_back()
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
large = bytearray(20_000_000)
del large  # from here on the C library, left alone, keeps what is smaller than this
blocks = [(bytearray(b"x" * 400_000), bytearray(600)) for _ in range(100)]
kept = [small for _, small in blocks]
before = resident()
del blocks
print(before - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
def test_large_blocks_go_back_between_small_ones_that_stay() -> None:
    def returned(how: str) -> int:
        command = [sys.executable, "-c", LOADS, how]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    assert returned("gives back") > 35_000_000 > 5_000_000 > returned("leaves it")

"""Rasa behind one door: `Engine.handle(Turn) -> Outcome`. No database, no HTTP."""

import os

# Before anything loads libgomp, which reads it once: with two threads on two busy cores an
# embedding took 86 ms instead of 10.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Rasa's telemetry asks for its own consent on a terminal; nothing of a shop's leaves its machine.
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")

"""How fast Setu is, as ratios to a baseline that runs in turn on the same machine: `make bench`."""

import os

# As the product runs; numpy reads it when it is loaded, which every module here comes before.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")

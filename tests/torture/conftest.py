"""The same running product as the end-to-end tests have."""

from tests.e2e.conftest import stocked  # noqa: F401  (a fixture)

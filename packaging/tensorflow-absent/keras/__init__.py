"""A stand-in: see tensorflow_absent."""

from tensorflow_absent import stand_in

stand_in(__name__)

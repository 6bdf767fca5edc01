"""Setu: a self-hosted, multilingual customer-support assistant on Rasa Open Source."""

__version__ = "0.1.0"

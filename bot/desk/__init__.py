"""The agents' console: pages, the API they stand on, and live hints."""

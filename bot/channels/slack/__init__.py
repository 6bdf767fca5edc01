"""Slack: direct messages with an app, and mentions of it."""

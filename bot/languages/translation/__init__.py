"""Machine translation between a client and an agent: one guarded door, services behind it."""

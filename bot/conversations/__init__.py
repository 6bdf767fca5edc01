"""The event log and what stands beside it: clients, identities, interactions, ownership."""

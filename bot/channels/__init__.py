"""The doors clients come through: one contract, then one folder a channel."""

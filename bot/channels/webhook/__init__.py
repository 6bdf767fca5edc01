"""A signed webhook of your own: any program can be a channel."""

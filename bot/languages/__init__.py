"""What language a client writes in, and how Setu speaks it."""

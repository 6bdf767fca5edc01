"""People: who they are, the queue they take conversations from, and the truth about waiting."""

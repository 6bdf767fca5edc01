"""Scripts that build what Setu ships trained: run by whoever changes a model, never by Setu."""

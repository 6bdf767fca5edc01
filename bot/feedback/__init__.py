"""What clients thought of it: ratings, what follows from a low one, and the figures."""

"""What agents read at the desk, by the page that shows it."""

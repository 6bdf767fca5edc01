"""What happens in time: a message in, a turn, rows that fall due."""

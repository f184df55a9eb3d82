"""What happens to a session's money."""

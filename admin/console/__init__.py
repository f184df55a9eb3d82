"""Face: Sheaf's own people look across all shops, and change one at a time through services."""

"""What a new shop starts with, and two demo cooperatives for development."""

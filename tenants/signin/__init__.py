"""Face: the public site, and everything about signing up, in and out."""

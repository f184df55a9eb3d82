"""One module per kind of object; each function answers one call."""

"""Two shops to try routes, forms and fuzz in: every thing of one has its twin in the other."""

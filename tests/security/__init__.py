"""Who gets in, who does not, and what tries to."""

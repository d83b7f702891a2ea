"""Django's PostgreSQL engine over connections that give up at the deadline of their read."""

"""The reviewed SQL files: reading, checking, approving and installing them."""

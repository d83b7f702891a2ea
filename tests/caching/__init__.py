"""The cache of public pages, over real PostgreSQL, Redis, threads and processes."""

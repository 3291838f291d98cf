"""What starts the desk: embedded PostgreSQL and Redis, the supervised processes, and the commands of the Makefile."""

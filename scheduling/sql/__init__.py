"""Small tools for set-based SQL over psycopg: COPY, id blocks, a cursor that binds on the server."""

"""What every test shares. The database is a real PostgreSQL, the embedded one unless DATABASE_URL is set."""

from cms import embedded_postgres

embedded_postgres.ensure_running()

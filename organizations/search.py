"""Full-text search in PostgreSQL that many people can save into at once."""

from modelsearch.backends.database.postgres.postgres import PostgresIndex, PostgresSearchBackend


class CalmIndex(PostgresIndex):
    """An index whose single updates touch only their own row.

    The stock index recomputes an average over all titles with every save and
    rewrites whatever other savers have just added: that grows with the table,
    and two savers at the same moment deadlock. Here a new row keeps the neutral
    weight until `manage.py update_index`, which runs every night, weighs all titles.
    """

    def _refresh_title_norms(self, full=False):
        if full:
            super()._refresh_title_norms(full=True)


class SearchBackend(PostgresSearchBackend):
    index_class = CalmIndex

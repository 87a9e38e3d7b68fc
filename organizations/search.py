"""Full-text search in PostgreSQL that many people can save into at once."""

from django.db.models import Lookup, QuerySet, Transform
from django.db.models.expressions import Col
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

    def _search(self, query_compiler_class, query, model_or_queryset, **kwargs):
        if isinstance(model_or_queryset, QuerySet):
            model_or_queryset = _by_ids_where_needed(model_or_queryset)
        return super()._search(query_compiler_class, query, model_or_queryset, **kwargs)


def _by_ids_where_needed(rows: QuerySet) -> QuerySet:
    """The same rows, chosen by their ids where they are chosen by something worked out, such as how often each is used.

    The index knows columns only, and breaks on a condition of another kind.
    """
    if all(_is_of_columns(condition) for condition in rows.query.where.leaves()):
        return rows
    chosen = rows.model._default_manager.filter(pk__in=rows.order_by().values("pk"))
    return chosen.order_by(
        *(name for name in rows.query.order_by if str(name).lstrip("-") not in rows.query.annotations)
    )


def _is_of_columns(condition) -> bool:
    return not isinstance(condition, Lookup) or isinstance(condition.lhs, Col | Transform)

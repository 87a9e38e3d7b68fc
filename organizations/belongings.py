# ruff: noqa: S608  the SQL is made of names from the code, and holds nothing from outside
"""Every row that belongs to one organization, in whatever table: for taking it along, and for erasing it.

Whose a row is follows from the models, as the wall's policies do: the rows
that name the organization, whatever names those, and what hangs on them by
the name of a model and an id. A new table is covered the day it is added.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from wagtail.models import Collection

from .models import Organization
from .policies import STAMP, STAMPED, STRIPE, tables

# Rows that hang on an object of any kind: the columns that name its kind, and it.
BY_OBJECT = (
    ("wagtailcore_revision", "base_content_type_id", "object_id"),
    ("wagtailcore_workflowstate", "base_content_type_id", "object_id"),
    ("wagtailcore_referenceindex", "base_content_type_id", "object_id"),
    ("wagtailcore_referenceindex", "to_content_type_id", "to_object_id"),
    ("wagtailcore_modellogentry", "content_type_id", "object_id"),
    ("wagtailadmin_editingsession", "content_type_id", "object_id"),
    ("wagtailadmin_formstate", "content_type_id", "object_id"),
    ("wagtailsearch_indexentry", "content_type_id", "object_id"),
    ("taggit_taggeditem", "content_type_id", "object_id"),
)
_ORGANIZATION = Organization._meta.db_table


class Belongings:
    """The ids of everything that belongs to `organization`, kept in a table of this connection's own."""

    def __init__(self, organization: Organization):
        self.organization = organization
        # What is swapped out for a model of ours has no table.
        existing = set(connection.introspection.table_names())
        self.models = {table: model for table, model in tables().items() if table in existing}
        numbers = {(kind.app_label, kind.model): kind.pk for kind in ContentType.objects.all()}
        self.kinds = {
            table: numbers[key]
            for table, model in self.models.items()
            if (key := (model._meta.app_label, model._meta.model_name)) in numbers
        }

    def collect(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE belonging (place text, pk text, PRIMARY KEY (place, pk))")
            self._seed(cursor)
            while self._follow(cursor):
                pass

    def let_go(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE belonging")

    def places(self) -> dict[str, int]:
        """The tables that hold something, with how many rows."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT place, count(*) FROM belonging GROUP BY place ORDER BY place")
            return dict(cursor.fetchall())

    def condition(self, table: str, column: str | None = None) -> str:
        """SQL that is true for the rows of `table`, or of another by its `column`, that belong to it."""
        key = self.models[table]._meta.pk
        kind = key.rel_db_type(connection)
        return f"{column or key.column} IN (SELECT pk::{kind} FROM belonging WHERE place = '{table}')"

    def names_one(self, field: models.ForeignKey) -> str:
        """SQL that is true for the rows whose foreign key `field` names something that belongs to it."""
        target = target_of(field)._meta
        if field.target_field.primary_key:
            return self.condition(target.db_table, field.column)
        named = f"SELECT {field.target_field.column} FROM {target.db_table} WHERE {self.condition(target.db_table)}"
        return f"{field.column} IN ({named})"

    def _add(self, cursor, table: str, condition: str, parameters=()) -> int:
        key = self.models[table]._meta.pk.column
        cursor.execute(
            f"INSERT INTO belonging SELECT '{table}', {key}::text FROM {table} WHERE {condition}"
            " ON CONFLICT DO NOTHING",
            parameters,
        )
        return cursor.rowcount

    def _seed(self, cursor) -> None:
        organization = self.organization
        self._add(cursor, _ORGANIZATION, "id = %s", [organization.pk])
        for table in STAMPED:
            self._add(cursor, table, f"{STAMP} = %s", [organization.pk])
        if organization.collection:
            self._add(cursor, Collection._meta.db_table, "path LIKE %s", [f"{organization.collection.path}%"])
        self._add(
            cursor,
            "auth_group",
            "id IN (SELECT group_id FROM organizations_rolegroup WHERE organization_id = %s)",
            [organization.pk],
        )

    def _follow(self, cursor) -> int:
        """Adds what names something that belongs to it already, and says how many rows that were."""
        places = self.places()
        added = 0
        for table, model in self.models.items():
            for field in foreign_keys(model):
                target = target_of(field)._meta.db_table
                if target not in self.models:
                    continue
                if target in places and (not field.null or target == _ORGANIZATION or table.startswith(STRIPE)):
                    added += self._add(cursor, table, self.names_one(field))
                if table in places and getattr(field.remote_field, "parent_link", False):
                    added += self._add(
                        cursor,
                        target,
                        f"{self.models[target]._meta.pk.column} IN"
                        f" (SELECT {field.column} FROM {table} WHERE {self.condition(table)})",
                    )
        kinds = [(self.kinds[place], place) for place in places if place in self.kinds]
        for table, kind, key in BY_OBJECT:
            added += self._add(
                cursor,
                table,
                f"({kind}, {key}::text) IN (SELECT k.id, b.pk FROM belonging b"
                " JOIN unnest(%s::int[], %s::text[]) AS k(id, place) ON k.place = b.place)",
                [[kind for kind, _place in kinds], [place for _kind, place in kinds]],
            )
        return added

    def loose_ends(self) -> Iterator[tuple[str, models.ForeignKey]]:
        """Foreign keys that need not be set, by which what does not belong to it may name what does: with its table."""
        places = self.places()
        for table, model in self.models.items():
            for field in foreign_keys(model):
                if field.null and target_of(field)._meta.db_table in places:
                    yield table, field


def foreign_keys(model: type[models.Model]) -> list[models.ForeignKey]:
    return [field for field in model._meta.local_fields if isinstance(field, models.ForeignKey)]


def target_of(field: models.ForeignKey) -> type[models.Model]:
    """The model with the table that a foreign key names."""
    found = field.related_model._meta.concrete_model
    assert found is not None  # noqa: S101  every foreign key here names a table
    return found


@contextmanager
def belongings_of(organization: Organization) -> Iterator[Belongings]:
    """Everything that belongs to `organization`. For code outside the walls."""
    found = Belongings(organization)
    found.collect()
    try:
        yield found
    except BaseException:
        # A transaction that failed has taken the table back by itself.
        if connection.in_atomic_block:
            raise
        found.let_go()
        raise
    found.let_go()

"""The wall between organizations, as the running code meets it.

PostgreSQL itself keeps organizations apart, by row-level security (see
`organizations.policies`). A request of a person works behind the wall: its
connection takes on a plain role and says for which organization and person it
works, so that rows of another organization do not exist for it, whatever the
query. Workers, commands and operators (superusers) work outside.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace

from django.db import connection
from django.db.backends.signals import connection_created
from django.dispatch import receiver

ROLE = "content_studio_tenant"


@dataclass(frozen=True)
class Wall:
    """What the connection is told: whether the policies apply to it, and for whom it works."""

    stands: bool = False
    organization_id: str = ""
    person_id: str = ""
    edits_site: bool = False  # may write what belongs to no organization
    address: str = ""  # where the request came from, for the log


OUTSIDE = Wall()
_wall: ContextVar[Wall] = ContextVar("wall", default=OUTSIDE)


def behind_wall_of(organization, *, user) -> Wall:
    """The wall around `organization`, for `user`; both may be missing, as on the public site."""
    person = str(user.pk) if user is not None and user.is_authenticated else ""
    return Wall(True, _id(organization), person, address=_wall.get().address)


def behind_wall_of_site(*, user) -> Wall:
    """The wall around the public site, for one of its editors: no organization, and its own rows to write."""
    return replace(behind_wall_of(None, user=user), edits_site=True)


def _id(organization) -> str:
    return str(organization.pk) if organization else ""


def from_address(address: str) -> Wall:
    """No wall, but it is known where the request came from."""
    return Wall(address=address)


@contextmanager
def standing(wall: Wall) -> Iterator[None]:
    """Lets `wall` stand around the block, and puts back what stood before, whatever happens inside."""
    before = _wall.get()
    try:
        put_up(wall)  # may fail where the database is gone: also then nothing of this wall may stay
        yield
    finally:
        put_up(before)


def outside_walls(organization=None):
    """For the few things that concern nobody's organization or several, such as accepting an invitation.

    Rows made inside belong to `organization` where their table is stamped.
    """
    return standing(Wall(organization_id=_id(organization), address=_wall.get().address))


def current_wall() -> Wall:
    return _wall.get()


def put_up(wall: Wall) -> None:
    """Lets `wall` stand from here on."""
    _wall.set(wall)
    # A connection that is opened later is told when it opens.
    if connection.connection is not None and getattr(connection, "told_wall", None) != wall:
        _tell(connection, wall)


def _tell(database, wall: Wall) -> None:
    # What is said inside of a transaction is taken back with it, so there it is said each time.
    database.told_wall = None
    try:
        # Past Django's cursor: this is no query of the application's.
        with database.connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('role', %s, false), set_config('studio.organization', %s, false),"
                " set_config('studio.person', %s, false), set_config('studio.address', %s, false),"
                " set_config('studio.site_editor', %s, false)",
                [
                    ROLE if wall.stands else "none",
                    wall.organization_id,
                    wall.person_id,
                    wall.address,
                    "on" if wall.edits_site else "",
                ],
            )
        if database.get_autocommit():
            database.told_wall = wall
    except database.Database.errors.InFailedSqlTransaction:
        # The rollback that must follow brings back what the connection was told before the transaction.
        if not database.in_atomic_block:
            database.close()
    except database.Database.Error:
        # Never leave a connection open of which it is not known whom it works for.
        database.close()
        raise


@receiver(connection_created)
def tell_new_connection(connection, **kwargs) -> None:
    wall = _wall.get()
    connection.told_wall = OUTSIDE
    if wall != OUTSIDE and connection.vendor == "postgresql":
        _tell(connection, wall)

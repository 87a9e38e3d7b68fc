"""Brings row-level security into the database, as `policies` says it: functions, columns, policies, rights."""

import hashlib

from django.db import connection

from .deriving_policies import policies
from .policies import LOGS, STAMP, STAMPED, UNIQUE_IN_ORGANIZATION
from .walls import ROLE

FUNCTIONS = """
CREATE OR REPLACE FUNCTION studio_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('studio.organization', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION studio_person() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('studio.person', true), '')::uuid $$;
CREATE OR REPLACE FUNCTION studio_edits_site() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT current_setting('studio.site_editor', true) = 'on' AND studio_organization() IS NULL $$;

-- The owner of a collection: the organization whose own collection it is, or is below.
CREATE OR REPLACE FUNCTION studio_owner_of_collection(place text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT o.id FROM wagtailcore_collection c JOIN organizations_organization o ON o.collection_id = c.id
   WHERE c.path = left(place, 8) $$;
"""


def statements() -> list[str]:
    """The SQL that puts every policy up, again and again if need be."""
    sql = [FUNCTIONS]
    for table in STAMPED:
        sql.append(
            f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {STAMP} uuid DEFAULT studio_organization();"
            f"CREATE INDEX IF NOT EXISTS {table}_{STAMP} ON {table} ({STAMP});"
        )
    for table in LOGS:
        sql.append(
            f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS studio_address text"
            " DEFAULT nullif(current_setting('studio.address', true), '');"
        )
    for table, columns in UNIQUE_IN_ORGANIZATION.items():
        for column in columns:
            sql.append(
                f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_{column}_key;"
                f"CREATE UNIQUE INDEX IF NOT EXISTS {table}_{column}_in_organization"
                f" ON {table} ({column}, coalesce({STAMP}, '00000000-0000-0000-0000-000000000000'));"
            )
    sql.append("CREATE INDEX IF NOT EXISTS organizations_basepage_id_text ON organizations_basepage ((id::text));")
    for table, policy in sorted(policies().items()):
        write = policy.for_writing
        insert = policy.insert if policy.insert is not None else write
        sql.append(
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
            + "".join(
                f"DROP POLICY IF EXISTS studio_{verb} ON {table};" for verb in ("read", "insert", "update", "delete")
            )
            + f"CREATE POLICY studio_read ON {table} FOR SELECT USING ({policy.read});"
            f"CREATE POLICY studio_insert ON {table} FOR INSERT WITH CHECK ({insert});"
            f"CREATE POLICY studio_update ON {table} FOR UPDATE USING ({write}) WITH CHECK ({write});"
            f"CREATE POLICY studio_delete ON {table} FOR DELETE USING ({write});"
        )
    return sql


# Only this is done every time: a restored dump has the policies, but neither the role nor its rights.
GRANTS = f"""
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN CREATE ROLE {ROLE} NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
-- Since PostgreSQL 16 whoever creates a role is its member, but may not take it on until that is granted too.
DO $$ BEGIN
  IF NOT pg_has_role(
    current_user, '{ROLE}', CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END
  ) THEN EXECUTE format('GRANT {ROLE} TO %I', current_user); END IF;
END $$;
GRANT USAGE ON SCHEMA public TO {ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {ROLE};
"""


def put_up_walls(**kwargs) -> None:
    """Brings the database's policies up to what the code says. Called after every `migrate`."""
    if connection.vendor != "postgresql":
        return
    sql = statements()
    mark = hashlib.sha256("".join(sql).encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('organizations_rolegroup')")
        if cursor.fetchone()[0] is None:
            return  # migrated only in part
        cursor.execute("SELECT obj_description(to_regproc('studio_organization'), 'pg_proc')")
        if cursor.fetchone()[0] != mark:
            cursor.execute("".join(sql))
            cursor.execute(f"COMMENT ON FUNCTION studio_organization() IS '{mark}'")
        cursor.execute(GRANTS)

# ruff: noqa: S608  the SQL is made of names from the code, and holds nothing from outside
"""Row-level security: which rows exist for an organization. Applied after every `migrate`.

Whose a row is follows, in this order, from
1. `POLICIES`, for tables with a rule of their own;
2. a foreign key to the organization that owns it;
3. foreign keys to rows that belong to somebody (a post's page, an attempt's
   delivery): such a row exists where all of those exist.

A new table is therefore behind the wall the day it is added. What is neither
covered nor named in `OPEN` fails a test. See docs/decisions/0006-row-level-security.md.
"""

import hashlib
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models

from .site_editors import GROUP as SITE_EDITORS
from .walls import ROLE

ORG = "(SELECT studio_organization())"
PERSON = "(SELECT studio_person())"
SITE = "(SELECT studio_edits_site())"  # works for the public site, and for no organization

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

# Third parties' tables whose rows do not say whose they are: a column of ours
# says it, filled in by the database from what the connection works for.
STAMPED = (
    "taggit_tag",
    "wagtailcore_modellogentry",
    "wagtailcore_pagelogentry",
    "wagtailcore_task",
    "wagtailcore_workflow",
    "wagtailredirects_redirect",
)
STAMP = "studio_organization_id"
LOGS = ("wagtailcore_modellogentry", "wagtailcore_pagelogentry")  # also say from which address something was done

# Unique in one organization instead of everywhere.
UNIQUE_IN_ORGANIZATION = {"taggit_tag": ("name", "slug")}

# Deliberately without a wall: the reason is part of the entry.
OPEN = {
    "auth_permission": "names of permissions",
    "billing_ratebucket": "counters by key, listed nowhere",
    "cms_baseline": "no data of people",
    "django_content_type": "names of models",
    "django_migrations": "names of migrations",
    "django_q_ormq": "work that a request hands to workers; read by workers only",
    "django_q_schedule": "read by workers only",
    "django_q_task": "read by workers and operators only",
    "django_session": "found by a secret key only, needed before it is known who asks",
    "publishing_networkpause": "which network rests, for everybody",
    "publishing_worker": "which worker lives",
    "socialaccount_socialapp": "keys of log-in providers, from the settings",
    "socialaccount_socialapp_sites": "as above",
    "wagtailadmin_admin": "holds no rows",
    "wagtailcore_locale": "languages",
    "wagtailcore_workflowcontenttype": "holds no rows: reviews hang on workspaces",
    "wagtaildocs_document": "not used: LibraryDocument is",
    "wagtailembeds_embed": "what public addresses look like embedded, by address",
    "wagtailimages_image": "not used: LibraryImage is",
    "wagtailimages_rendition": "not used: LibraryRendition is",
    "wagtailsearch_indexentry": "only ever joined to the rows that it finds",
    "wagtailsearchpromotions_query": "words searched for on the public site",
    "wagtailsearchpromotions_querydailyhits": "as above",
}


@dataclass(frozen=True)
class Policy:
    """SQL conditions on a row: which one may read, which one may write. No `write` means as `read`."""

    read: str
    write: str | None = None
    insert: str | None = None  # where it differs from `write`

    @property
    def for_writing(self) -> str:
        return self.write if self.write is not None else self.read


def _own(column: str) -> str:
    """Whose `column` names is who works here: the organization, or nobody's for an editor of the public site."""
    return f"({column} = {ORG} OR ({column} IS NULL AND {SITE}))"


def _page(column: str, *, as_text: bool = False, own: bool = False) -> str:
    owner = f" AND {_own('p.organization_id')}" if own else ""
    if not as_text:
        return f"EXISTS (SELECT 1 FROM organizations_basepage p WHERE p.id = {column}{owner})"
    # Looked up by its number, which is text where it hangs on an object of any kind. It is that text which is
    # made a number: the other way round, and without OFFSET, every page of the organization would be read for it.
    number = f"CASE WHEN {column} ~ '^[0-9]{{1,18}}$' THEN {column}::bigint END"
    return f"EXISTS (SELECT 1 FROM organizations_basepage p WHERE p.id = {number}{owner} OFFSET 0)"


def _of_page(column: str = "page_id") -> Policy:
    return Policy(read=_page(column), write=_page(column, own=True))


_PAGES = "(SELECT id FROM django_content_type WHERE app_label = 'organizations' AND model = 'basepage')"
_REVISABLE = f"base_content_type_id = {_PAGES} AND "
_IN_GROUP = "EXISTS (SELECT 1 FROM organizations_rolegroup g WHERE g.group_id = {column})"
_COLLEAGUE = (
    "EXISTS (SELECT 1 FROM organizations_membership m WHERE m.user_id = {column})"
    " OR EXISTS (SELECT 1 FROM organizations_formermembership f WHERE f.user_id = {column})"
)
_EDITS_SITE = f"name = '{SITE_EDITORS}' AND {SITE}"
_SITE_GROUP = f"EXISTS (SELECT 1 FROM auth_group g WHERE g.id = {{column}} AND g.{_EDITS_SITE})"


def _of_group(column: str) -> Policy:
    """What groups may do: read by people of the organization, and by editors of the public site; given by neither."""
    return Policy(read=f"{_IN_GROUP} OR {_SITE_GROUP}".format(column=column), write="false")


_STAMPED = Policy(read=_own(STAMP))
_REVIEW = Policy(read=_own(STAMP), write=f"{STAMP} = {ORG}")
_MINE_OR_SITES = Policy(read=f"organization_id IS NULL OR organization_id = {ORG}", write=_own("organization_id"))
_OF_SITE = Policy(read="true", write=SITE)
_SENT_TO_SITE = Policy(read=SITE)
_OWN = Policy(read=f"user_id = {PERSON}")

POLICIES: dict[str, Policy] = {
    # People and what hangs on them
    "organizations_organization": Policy(
        read=f"id = {ORG} OR EXISTS (SELECT 1 FROM organizations_membership m"
        f" WHERE m.organization_id = organizations_organization.id AND m.user_id = {PERSON})",
        write=f"id = {ORG}",
        insert="false",
    ),
    "organizations_membership": Policy(
        read=f"organization_id = {ORG} OR user_id = {PERSON}", write=f"organization_id = {ORG}"
    ),
    "organizations_user": Policy(
        read=f"id = {PERSON} OR is_superuser OR "
        + _COLLEAGUE.format(column="organizations_user.id")
        + f" OR ({SITE} AND EXISTS"
        " (SELECT 1 FROM organizations_user_groups u WHERE u.user_id = organizations_user.id))",
        write=f"id = {PERSON}",
    ),
    "organizations_user_groups": Policy(
        read=f"{_IN_GROUP} OR {_SITE_GROUP}".format(column="organizations_user_groups.group_id"),
        write=_IN_GROUP.format(column="organizations_user_groups.group_id"),
    ),
    "organizations_user_user_permissions": Policy(read=f"user_id = {PERSON}", write="false"),
    "auth_group": Policy(read=_IN_GROUP.format(column="auth_group.id") + f" OR ({_EDITS_SITE})", write="false"),
    "auth_group_permissions": _of_group("auth_group_permissions.group_id"),
    "account_emailaddress": _OWN,
    "account_emailconfirmation": Policy(read="false"),  # read by the pages of one's account, which work outside
    "mfa_authenticator": _OWN,
    "socialaccount_socialaccount": _OWN,
    "socialaccount_socialtoken": Policy(read="false"),
    "usersessions_usersession": _OWN,
    "wagtailcore_apitoken": _OWN,
    "wagtailusers_userprofile": Policy(
        read="EXISTS (SELECT 1 FROM organizations_user u WHERE u.id = wagtailusers_userprofile.user_id)"
    ),
    # What groups may do where
    "wagtailcore_groupcollectionpermission": _of_group("wagtailcore_groupcollectionpermission.group_id"),
    "wagtailcore_grouppagepermission": _of_group("wagtailcore_grouppagepermission.group_id"),
    "wagtailcore_groupsitepermission": _of_group("wagtailcore_groupsitepermission.group_id"),
    # Pages and media: none's are the public site's, to be seen by all and touched by its editors
    "organizations_basepage": _MINE_OR_SITES,
    "organizations_libraryimage": _MINE_OR_SITES,
    "organizations_librarydocument": _MINE_OR_SITES,
    "organizations_libraryrendition": Policy(
        read="EXISTS (SELECT 1 FROM organizations_libraryimage i WHERE i.id = organizations_libraryrendition.image_id)"
    ),
    "wagtailcore_collection": Policy(
        read=f"studio_owner_of_collection(path) IS NULL OR studio_owner_of_collection(path) = {ORG}",
        write=_own("studio_owner_of_collection(path)"),
    ),
    "wagtailcore_collectionviewrestriction": Policy(
        read="EXISTS (SELECT 1 FROM wagtailcore_collection c"
        " WHERE c.id = wagtailcore_collectionviewrestriction.collection_id)",
        write="EXISTS (SELECT 1 FROM wagtailcore_collection c"
        " WHERE c.id = wagtailcore_collectionviewrestriction.collection_id"
        f" AND {_own('studio_owner_of_collection(c.path)')})",
    ),
    # What hangs on a page
    "wagtailcore_comment": _of_page(),
    # The log outlives its page, so what happened to a page that is gone is stamped.
    "wagtailcore_pagelogentry": Policy(
        read=f"{STAMP} = {ORG} OR " + _page("page_id", own=True), insert=_page("page_id", own=True)
    ),
    "wagtailcore_pagesubscription": _of_page(),
    "wagtailcore_pageviewrestriction": _of_page(),
    "wagtailcore_workflowpage": Policy(read=_page("page_id", own=True)),
    "wagtailforms_formsubmission": Policy(read=_page("page_id", own=True), insert=_page("page_id")),
    "wagtailsearchpromotions_searchpromotion": _of_page(),
    "wagtailcore_site": Policy(read="true", write="false"),
    # Mails that wait for the mail server: written outside the walls, read by workers
    "mailer_message": Policy(read="false"),
    "mailer_messagelog": Policy(read="false"),
    "mailer_dontsendentry": Policy(read="false"),
    # Pieces of the public site, and what its visitors send: taken in outside the walls, read by its editors
    "home_author": _OF_SITE,
    "home_category": _OF_SITE,
    "home_reusablesection": _OF_SITE,
    "home_sitesettings": _OF_SITE,
    "home_contactmessage": _SENT_TO_SITE,
    "home_subscription": _SENT_TO_SITE,
    # What hangs on an object of any kind: only pages have these here
    "wagtailcore_revision": Policy(
        read=_REVISABLE + _page("object_id", as_text=True),
        write=_REVISABLE + _page("object_id", as_text=True, own=True),
    ),
    "wagtailcore_workflowstate": Policy(
        read=_REVISABLE + _page("object_id", as_text=True),
        write=_REVISABLE + _page("object_id", as_text=True, own=True),
    ),
    "wagtailcore_taskstate": Policy(
        read="EXISTS (SELECT 1 FROM wagtailcore_workflowstate s WHERE s.id = wagtailcore_taskstate.workflow_state_id)"
    ),
    "wagtailadmin_editingsession": Policy(read=f"user_id = {PERSON} OR " + _page("object_id", as_text=True, own=True)),
    "wagtailadmin_formstate": _OWN,
    "wagtailcore_uploadedfile": Policy(read=f"uploaded_by_user_id = {PERSON}"),
    "wagtailcore_referenceindex": Policy(
        read=f"base_content_type_id <> {_PAGES} OR " + _page("object_id", as_text=True),
        write=f"base_content_type_id <> {_PAGES} OR " + _page("object_id", as_text=True, own=True),
    ),
    # Stamped with whom they belong to
    "taggit_tag": _STAMPED,
    "taggit_taggeditem": Policy(read="EXISTS (SELECT 1 FROM taggit_tag t WHERE t.id = taggit_taggeditem.tag_id)"),
    # What operators did to organizations is stamped with none as well: editors of the site see their own deeds only.
    "wagtailcore_modellogentry": Policy(read=f"{STAMP} = {ORG} OR ({STAMP} IS NULL AND {SITE} AND user_id = {PERSON})"),
    "wagtailcore_task": _REVIEW,
    "wagtailcore_workflow": _REVIEW,
    "wagtailredirects_redirect": Policy(read=f"{STAMP} IS NULL OR {STAMP} = {ORG}", write=_own(STAMP)),
}

# Stripe's mirror: rows hang on a customer, and a customer is an organization.
STRIPE = "djstripe_"
STRIPE_BY_CUSTOMER = ("subscription", "invoice", "paymentmethod", "charge", "paymentintent", "session", "setupintent")


def tables() -> dict[str, type[models.Model]]:
    """Every table of every installed app, with its model; tables between two others among them."""
    return {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True, include_swapped=True)
        if model._meta.managed and not model._meta.proxy
    }


def policies() -> dict[str, Policy]:
    """The policy of each table that has one. Tables are looked at until nothing new follows."""
    models_of = tables()
    known = {table: policy for table, policy in POLICIES.items() if table in models_of}
    known.update(_stripe(models_of))
    for table, model in models_of.items():
        if table not in known and table not in OPEN and _owner_column(model):
            known[table] = Policy(read=f"{_owner_column(model)} = {ORG}")
    found: dict[str, Policy] = {}
    while True:
        derived = {
            table: policy
            for table, model in models_of.items()
            if table not in known
            and table not in OPEN
            and not table.startswith(STRIPE)
            and (policy := _derived(model, known))
        }
        if not derived:
            break
        known.update(derived)
        found.update(derived)
    # Again with all of them known: a row between two others needs both.
    return known | {table: _derived(models_of[table], known) for table in found}


def _owner_column(model) -> str | None:
    for field in model._meta.local_fields:
        if (
            field.is_relation
            and field.related_model
            and field.related_model._meta.label == "organizations.Organization"
        ):
            return field.column
    return None


# Rows that many point to without belonging to them: who wrote something, a revision that is kept by number.
_NO_OWNERS = {"organizations_user", "wagtailcore_revision", "organizations_organization", "wagtailcore_site"}


def _derived(model, known: dict[str, Policy]) -> Policy | None:
    owners = [
        field
        for field in model._meta.local_fields
        if field.is_relation
        and field.related_model
        and not field.null
        and field.related_model._meta.concrete_model._meta.db_table in known
        and field.related_model._meta.concrete_model._meta.db_table not in _NO_OWNERS
    ]
    if not owners:
        return None
    own_table = model._meta.db_table

    def condition(*, writing: bool) -> str:
        parts = []
        for field in owners:
            target = field.related_model._meta.concrete_model._meta
            is_page = target.db_table == "organizations_basepage"
            owned = f" AND {_own('t.organization_id')}" if writing and is_page else ""
            parts.append(
                f"EXISTS (SELECT 1 FROM {target.db_table} t"
                f" WHERE t.{field.target_field.column} = {own_table}.{field.column}{owned})"
            )
        return " AND ".join(parts)

    return Policy(read=condition(writing=False), write=condition(writing=True))


def _stripe(models_of) -> dict[str, Policy]:
    if "djstripe_customer" not in models_of:
        return {}
    found = {"djstripe_customer": Policy(read=f"subscriber_id = {ORG}", insert="true")}
    for name in STRIPE_BY_CUSTOMER:
        model = models_of.get(STRIPE + name)
        if model is None:
            continue
        field = next((each for each in model._meta.local_fields if each.name == "customer"), None)
        if field is None:
            continue
        found[STRIPE + name] = Policy(
            read=f"EXISTS (SELECT 1 FROM djstripe_customer c WHERE c.{field.target_field.column}"
            f" = {STRIPE}{name}.{field.column})",
            insert="true",
        )
    return found


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

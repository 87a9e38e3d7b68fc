# ruff: noqa: S608  the SQL is made of names from the code, and holds nothing from outside
"""Row-level security: which rows exist for an organization. `putting_up_walls` applies it after every `migrate`.

Whose a row is follows, in this order, from
1. `POLICIES` here, for tables with a rule of their own;
2. a foreign key to the organization that owns it (`deriving_policies`);
3. foreign keys to rows that belong to somebody (a post's page, an attempt's
   delivery): such a row exists where all of those exist.

A new table is therefore behind the wall the day it is added. What is neither
covered nor named in `OPEN` fails a test. See docs/decisions/0006-row-level-security.md.
"""

from dataclasses import dataclass

from django.apps import apps
from django.db import models

from .site_editors import GROUP as SITE_EDITORS

ORG = "(SELECT studio_organization())"
PERSON = "(SELECT studio_person())"
SITE = "(SELECT studio_edits_site())"  # works for the public site, and for no organization

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


def owned_by(column: str) -> str:
    """Whose `column` names is who works here: the organization, or nobody's for an editor of the public site."""
    return f"({column} = {ORG} OR ({column} IS NULL AND {SITE}))"


def _page(column: str, *, as_text: bool = False, own: bool = False) -> str:
    owner = f" AND {owned_by('p.organization_id')}" if own else ""
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


_STAMPED = Policy(read=owned_by(STAMP))
_REVIEW = Policy(read=owned_by(STAMP), write=f"{STAMP} = {ORG}")
_MINE_OR_SITES = Policy(read=f"organization_id IS NULL OR organization_id = {ORG}", write=owned_by("organization_id"))
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
        write=owned_by("studio_owner_of_collection(path)"),
    ),
    "wagtailcore_collectionviewrestriction": Policy(
        read="EXISTS (SELECT 1 FROM wagtailcore_collection c"
        " WHERE c.id = wagtailcore_collectionviewrestriction.collection_id)",
        write="EXISTS (SELECT 1 FROM wagtailcore_collection c"
        " WHERE c.id = wagtailcore_collectionviewrestriction.collection_id"
        f" AND {owned_by('studio_owner_of_collection(c.path)')})",
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
    "wagtailredirects_redirect": Policy(read=f"{STAMP} IS NULL OR {STAMP} = {ORG}", write=owned_by(STAMP)),
}

# Stripe's mirror: rows hang on a customer, and a customer is an organization.
STRIPE = "djstripe_"
STRIPE_BY_CUSTOMER = (
    "subscription",
    "subscriptionschedule",
    "invoice",
    "paymentmethod",
    "charge",
    "paymentintent",
    "session",
    "setupintent",
)


def tables() -> dict[str, type[models.Model]]:
    """Every table of every installed app, with its model; tables between two others among them."""
    return {
        model._meta.db_table: model
        for model in apps.get_models(include_auto_created=True, include_swapped=True)
        if model._meta.managed and not model._meta.proxy
    }

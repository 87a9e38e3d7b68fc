# ruff: noqa: S608  the SQL is made of names from the code, and holds nothing from outside
"""Which policy each table gets: the rules of `policies`, and what follows from the foreign keys of all others."""

from .policies import OPEN, ORG, POLICIES, STRIPE, STRIPE_BY_CUSTOMER, Policy, owned_by, tables


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
    again = {table: _derived(models_of[table], known) for table in found}
    return known | {table: policy for table, policy in again.items() if policy}


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
            owned = f" AND {owned_by('t.organization_id')}" if writing and is_page else ""
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

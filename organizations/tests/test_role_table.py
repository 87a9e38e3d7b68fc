from pathlib import Path

from django.conf import settings

from organizations.role_table import as_markdown


def test_the_documentation_says_what_each_role_may_do():
    page = Path(settings.BASE_DIR) / "docs" / "roles.md"
    assert page.read_text() == as_markdown(), "write organizations.role_table.as_markdown() to docs/roles.md"

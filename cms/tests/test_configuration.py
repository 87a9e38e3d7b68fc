"""The documentation of settings is complete: an operator finds every variable that is read."""

import re
from pathlib import Path

import pytest

from cms.embedded_postgres import BASE_DIR

READ_BY_SETTINGS = re.compile(r"\benv(?:\.\w+)?\(\s*[\"']([A-Z][A-Z0-9_]+)[\"']")
FOR_DEVELOPERS_ONLY = {"TEST_DATABASE_TEMPLATE"}


def variables():
    found = set()
    for file in (BASE_DIR / "cms" / "settings").glob("*.py"):
        found |= set(READ_BY_SETTINGS.findall(file.read_text()))
    return found


@pytest.mark.parametrize(
    ("document", "written_as"), [("docs/configuration.md", "`{}`"), (".env.example", "{}=")], ids=str
)
def test_every_variable_that_settings_read_is_documented(document, written_as):
    text = Path(BASE_DIR / document).read_text()
    expected = variables() - (FOR_DEVELOPERS_ONLY if document == ".env.example" else set())
    missing = sorted(name for name in expected if written_as.format(name) not in text)
    assert not missing, f"add to {document}: {', '.join(missing)}"


def test_every_documented_variable_is_read_somewhere():
    documented = set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)`", (BASE_DIR / "docs" / "configuration.md").read_text(), re.M))
    sources = [*(BASE_DIR / "cms").rglob("*.py"), *(BASE_DIR / "bin").iterdir()]
    text = "\n".join(file.read_text() for file in sources if file.is_file())
    assert sorted(name for name in documented if name not in text) == []


def test_no_remark_stands_behind_a_value():
    """systemd and others would take it for a part of the value."""
    lines = (BASE_DIR / ".env.example").read_text().splitlines()
    settings = [line for line in lines if re.match(r"#?[A-Z][A-Z0-9_]*=", line)]
    assert len(settings) > 50
    assert [line for line in settings if " #" in line] == []

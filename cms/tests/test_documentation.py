"""The documentation leads somewhere: its links and the files that it names exist."""

import re
import subprocess

import pytest

from cms.embedded_postgres import BASE_DIR

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
NAMED = re.compile(r"`((?:cms|home|content_studio|publishing|billing|webhooks|organizations|deploy|bin)/[\w/.-]+)`")
DOCUMENTS = sorted(
    path for path in [*BASE_DIR.glob("*.md"), *BASE_DIR.glob("docs/**/*.md")] if "node_modules" not in path.parts
)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_every_link_leads_to_a_file(document):
    links = LINK.findall(document.read_text())
    missing = [link for link in links if not (document.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_every_file_that_is_named_exists(document):
    assert [name for name in NAMED.findall(document.read_text()) if not (BASE_DIR / name).exists()] == []


@pytest.mark.parametrize("command", ["bin/start", "bin/test", "bin/lock", "bin/baseline", ".ci/run"])
def test_commands_are_sound_shell_and_can_be_run(command):
    path = BASE_DIR / command
    assert path.stat().st_mode & 0o111
    subprocess.run(["sh", "-n", str(path)], check=True)


def test_each_wall_of_the_threat_model_names_tests_that_exist():
    """A directory proves nothing: the table names files, and tests in them where a file is about more."""
    table = (BASE_DIR / "SECURITY.md").read_text().split("## The walls", 1)[1].split("\n## ", 1)[0]
    walls = [line.split(" | ") for line in table.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(walls) >= 12
    for name, _how, proof in (wall[:3] for wall in walls):
        files = re.findall(r"`([\w/]+/test_\w+\.py)(?:::(\w+))?`", proof)
        assert files, f"{name}: no file of tests is named"
        for path, test in files:
            assert f"def {test or 'test_'}" in (BASE_DIR / path).read_text(), f"{name}: {path}"

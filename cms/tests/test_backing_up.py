"""What is backed up can be restored, to the row and the byte, and nothing is overwritten by mistake."""

import os
import subprocess
import sys
import tarfile

import pytest

from cms import backing_up, baseline, embedded_postgres

pytestmark = pytest.mark.skipif(not embedded_postgres.is_used(), reason="makes databases on the embedded server")


class Installation:
    """An own database and media directory, worked with by commands in processes of their own."""

    def __init__(self, name, media):
        self.database, self.media = f"content_studio_{name}", media

    def manage(self, *arguments):
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "cms.settings.dev",
            "DATABASE_URL": embedded_postgres.url(self.database),  # with its socket after `?host=`, as the guide has it
            "MEDIA_ROOT": str(self.media),
        }
        return subprocess.run(
            [sys.executable, "-W", "ignore", "manage.py", *arguments],
            env=environment,
            cwd=embedded_postgres.BASE_DIR,
            capture_output=True,
            text=True,
        )

    def rows(self):
        return baseline.rows_by_table(self.database)

    def sql(self, statement):
        return embedded_postgres.sql(statement, database=self.database).strip()


@pytest.fixture
def installations(tmp_path):
    made = {name: Installation(name, tmp_path / name) for name in ("backed_up", "restored")}
    for installation in made.values():
        embedded_postgres.drop_database(installation.database)
    embedded_postgres.create_database(made["backed_up"].database, template=baseline.test_template())
    embedded_postgres.create_database(made["restored"].database)
    yield made["backed_up"], made["restored"]
    for installation in made.values():
        embedded_postgres.drop_database(installation.database)


def test_a_backup_restores_every_row_and_file_and_the_wall_between_organizations(installations, tmp_path):
    before, after = installations
    before.sql("INSERT INTO django_session VALUES ('kept', 'data', now())")
    (before.media / "images").mkdir(parents=True)
    (before.media / "images" / "kettle.png").write_bytes(b"\x89PNG")

    made = before.manage("backup", str(tmp_path / "backups"))
    assert made.returncode == 0, made.stderr
    [file] = (tmp_path / "backups").iterdir()
    assert file.stat().st_mode & 0o077 == 0

    restored = after.manage("restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert after.rows() == before.rows()
    assert after.sql("SELECT session_data FROM django_session WHERE session_key = 'kept'") == "data"
    assert (after.media / "images" / "kettle.png").read_bytes() == b"\x89PNG"
    # Behind the wall nothing of nobody's organization is seen, and the role may read at all.
    assert after.sql("SET ROLE content_studio_tenant; SELECT count(*) FROM organizations_organization") == "0"

    again = after.manage("restore", str(file))
    assert again.returncode != 0
    assert "not empty" in again.stderr
    after.sql("DELETE FROM django_session")
    assert after.manage("restore", str(file), "--replace").returncode == 0
    assert after.sql("SELECT count(*) FROM django_session") == before.sql("SELECT count(*) FROM django_session")


def test_a_script_is_made_fit_for_servers_that_are_older_than_the_programs():
    script = b"SET lock_timeout = 0;\nSET transaction_timeout = 0;\nSET row_security = off;\n"
    assert backing_up._for_older_servers(script) == b"SET lock_timeout = 0;\nSET row_security = off;\n"


@pytest.mark.parametrize("name", ["pg_restore", "psql"])
def test_a_program_that_is_killed_is_named_and_nothing_is_changed(installations, tmp_path, monkeypatch, name):
    installation, _ = installations
    installation.sql("INSERT INTO django_session VALUES ('kept', 'data', now())")
    program = embedded_postgres.program
    dump, killed = tmp_path / "database.dump", tmp_path / name
    embedded_postgres.client("pg_dump", "--format=custom", "--file", str(dump), database=installation.database)
    killed.write_text(
        f'#!/bin/sh\nhead -c 50000 | {program(name)} "$@" >/dev/null; kill -9 $$\n'
        if name == "psql"
        else f'#!/bin/sh\n{program(name)} "$@" | head -c 500000; kill -9 $$\n'
    )
    killed.chmod(0o755)
    before = installation.rows()
    monkeypatch.setattr(embedded_postgres, "program", lambda asked: killed if asked == name else program(asked))
    monkeypatch.setattr(
        backing_up,
        "_on_database",
        lambda asked, *options: (
            [str(embedded_postgres.program(asked)), "-d", embedded_postgres.url(installation.database), *options],
            dict(os.environ),
        ),
    )
    with pytest.raises(backing_up.BackupError, match=f"{name} failed, and nothing was changed: SIGKILL ended it"):
        backing_up._fill_from(dump)
    monkeypatch.undo()
    assert installation.rows() == before


def test_a_file_that_is_no_whole_backup_changes_nothing(installations, tmp_path):
    before, _ = installations
    rows = before.rows()
    cut = tmp_path / "cut.tar"
    with tarfile.open(cut, "w") as archive:
        archive.add(embedded_postgres.BASE_DIR / "LICENSE", "about.json")
    outside = tmp_path / "outside.tar"
    with tarfile.open(outside, "w") as archive:
        archive.add(embedded_postgres.BASE_DIR / "LICENSE", "../../outside")
    made = before.manage("backup", str(tmp_path / "backups"))
    assert made.returncode == 0, made.stderr
    [whole] = (tmp_path / "backups").iterdir()
    broken = tmp_path / "broken.tar"
    with tarfile.open(whole) as archive, tarfile.open(broken, "w") as copy:
        for member in archive:
            if member.name == "database.dump":
                member.size = member.size * 2 // 3
            copy.addfile(member, archive.extractfile(member))
    result = before.manage("restore", str(broken), "--replace")
    assert result.returncode != 0
    assert "pg_restore failed, and nothing was changed" in result.stderr
    for file in (cut, outside):
        result = before.manage("restore", str(file), "--replace")
        assert result.returncode != 0
        assert "not a whole backup" in result.stderr
    assert before.rows() == rows

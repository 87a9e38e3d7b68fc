"""Runs the tests with the database they need, and leaves no server behind. `bin/test` calls this."""

import os
import subprocess
import sys

from cms import baseline, embedded_postgres


def main(arguments: list[str]) -> int:
    started = embedded_postgres.ensure_running()
    try:
        if embedded_postgres.is_used():
            baseline.test_template()
        else:
            print("Tests use the server of DATABASE_URL; making their database takes a minute or two the first time.")
        command = [sys.executable, "-W", "ignore", "-m", "pytest", *_parallel(arguments), *arguments]
        return subprocess.run(command, cwd=embedded_postgres.BASE_DIR, check=False).returncode  # noqa: S603
    except KeyboardInterrupt:
        return 130
    finally:
        if started:
            embedded_postgres.stop_if_unused()


def _parallel(arguments: list[str]) -> list[str]:
    """Several processes, unless the person says how many, or wants to look into one test."""
    own = {"-n", "--pdb", "--headed", "-s", "--collect-only", "--co"}
    if own & set(arguments) or any(argument.startswith(("-n", "--numprocesses")) for argument in arguments):
        return []
    count = int(os.environ.get("WORKERS_FOR_TESTS") or os.cpu_count() or 1)
    return ["-n", str(count), "--dist", "loadfile"] if count > 1 else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

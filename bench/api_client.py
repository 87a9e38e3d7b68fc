"""A client generated from the API's description drives the whole journey, on the running product.

Writes the description with `manage.py spectacular`, has openapi-python-client make a client of it, starts the
product with the demo organization in a database of its own, and lets `bench/api_client_journey.py` go from
brief to published with that client alone: no address and no field is written by hand there. Exits with 1 where
the generator warns of anything that it leaves out, or a step is not answered as described.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GENERATOR = "openapi-python-client==0.29.1"


def main() -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "cms.settings.dev"
    from cms import embedded_postgres
    from cms.tests.product import Product

    embedded_postgres.ensure_running()
    with tempfile.TemporaryDirectory() as folder:
        schema = Path(folder) / "schema.yml"
        manage = [sys.executable, "-W", "ignore", "manage.py", "spectacular", "--validate", "--fail-on-warn"]
        subprocess.run([*manage, "--file", str(schema)], cwd=ROOT, check=True)
        generate = ["generate", "--path", str(schema), "--output-path", f"{folder}/generated_client", "--meta", "none"]
        with_generator("openapi-python-client", *generate, "--fail-on-warning")
        print("The client is made. Starting the product …", flush=True)
        with Product() as product:
            journey = str(ROOT / "bench/api_client_journey.py")
            return with_generator("python", journey, product.url, check=False, PYTHONPATH=folder)


def with_generator(*command: str, check: bool = True, **environment: str) -> int:
    """Runs it where the generator and what its clients stand on are installed, apart from the project's own."""
    uv = [str(Path(sys.executable).with_name("uv")), "run", "--no-project", "--quiet", "--with", GENERATOR]
    return subprocess.run([*uv, *command], env=os.environ | environment, check=check).returncode


if __name__ == "__main__":
    sys.exit(main())

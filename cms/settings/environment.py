"""Where the project lies, and how settings ask the environment."""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.FileAwareEnv()  # NAME_FILE names a file with the value: for secrets that an engine mounts
environ.Env.read_env(BASE_DIR / ".env")

BASE_URL = env("BASE_URL", default="http://localhost:8000").rstrip("/")

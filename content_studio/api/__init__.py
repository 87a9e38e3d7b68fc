"""The API of the studio: writing with AI, and posts."""

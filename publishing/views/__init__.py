"""The engine's pages in the studio."""

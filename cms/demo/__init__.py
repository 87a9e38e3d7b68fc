"""A made-up organization to look at and to try things on. Only ever in development settings."""

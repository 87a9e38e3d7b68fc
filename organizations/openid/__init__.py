"""Signing in with any OpenID Connect provider: allauth's way, with what it leaves out."""

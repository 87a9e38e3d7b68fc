"""Encryption of tokens and app passwords. It is everybody's; migrations know it by this name."""

from organizations.secrets import EncryptedJSONField, SecretUnreadable, seal, unseal

__all__ = ["EncryptedJSONField", "SecretUnreadable", "seal", "unseal"]

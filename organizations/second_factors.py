"""Second factors: what an authenticator app shares with us is never readable in the database."""

from allauth.mfa.adapter import DefaultMFAAdapter

from .secrets import seal, unseal

SEALED = ("secret", "seed")  # in an authenticator's `data`: an app's key, and what recovery codes come from


class SecondFactors(DefaultMFAAdapter):
    """allauth's `MFA_ADAPTER`."""

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text)

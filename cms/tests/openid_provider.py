"""An OpenID Connect provider on loopback: discovery, consent, tokens for a code, signed identities, keys."""

import base64
import hashlib
import json
import secrets
import time
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from publishing.tests.loopback import Loopback


def new_key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class OpenIDProvider(Loopback):
    """Whoever comes is `person`, a dictionary of claims, and agrees; unless `refuses`."""

    CLIENT = ("for-tests", "for-tests")
    KEY = new_key()

    def __init__(self):
        super().__init__(
            {
                "GET /.well-known/openid-configuration": self.describe,
                "GET /authorize": self.ask,
                "POST /token": self.give_tokens,
                "GET /userinfo": self.tell,
                "GET /keys": self.show_keys,
            }
        )
        self.person = {"sub": "42", "email": "dana@example.test", "email_verified": True, "name": "Dana Field"}
        self.beside: dict = {}  # what userinfo says differently
        self.claims: dict = {}  # what the token says differently
        self.signs_with = self.KEY
        self.refuses = False
        self.codes: dict = {}
        self.tokens: set = set()

    def describe(self, request):
        return 200, {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
        }

    def ask(self, request):
        asked = request.query
        wanted = {"response_type": "code", "client_id": self.CLIENT[0], "code_challenge_method": "S256"}
        assert wanted.items() <= asked.items() and {"openid", "email"} <= set(asked["scope"].split())
        if self.refuses:
            said = {"error": "access_denied"}
        else:
            said = {"code": secrets.token_urlsafe()}
            self.codes[said["code"]] = asked
        back = urlencode({**said, "state": asked["state"]})
        return 302, {}, {"Location": f"{asked['redirect_uri']}?{back}"}

    def give_tokens(self, request):
        asked = self.codes.pop(request.form["code"], None)  # a code serves once
        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        basic = base64.b64encode(":".join(self.CLIENT).encode()).decode()
        if (
            asked is None
            or request.headers["Authorization"] != f"Basic {basic}"
            or request.form["redirect_uri"] != asked["redirect_uri"]
            or challenge != asked["code_challenge"]
        ):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.url, "aud": self.CLIENT[0], "iat": now, "exp": now + 300, **self.person, **self.claims}
        self.tokens.add(token := secrets.token_urlsafe())
        signed = jwt.encode(claims, self.signs_with, algorithm="RS256", headers={"kid": "one"})
        return 200, {"access_token": token, "token_type": "Bearer", "id_token": signed}

    def tell(self, request):
        if request.headers["Authorization"].removeprefix("Bearer ") not in self.tokens:
            return 401, {}
        return 200, {**self.person, **self.beside}

    def show_keys(self, request):
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.KEY.public_key()))
        return 200, {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}

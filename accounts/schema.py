"""How the OpenAPI schema describes API keys. Importing it registers it."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer KEY`."""

    target_class = "accounts.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, Any]:
        """Return the scheme as OpenAPI writes it."""
        return {"type": "http", "scheme": "bearer"}

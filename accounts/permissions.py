"""What every API call needs before its project is even looked up."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from accounts.models import ApiKey, Scope

if TYPE_CHECKING:
    # rest_framework.views imports this module, as the setting names it.
    from rest_framework.views import APIView


class SignedInWithScope(BasePermission):
    """A person who is signed in, or a key that has the scope that the call needs.

    A view may name its scope as `required_scope`; else reading needs `read` and the rest `write`.
    """

    message = "This API key lacks the scope for this call."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Tell whether the caller may make this kind of call at all."""
        if not request.user or not request.user.is_authenticated:
            return False
        if not isinstance(request.auth, ApiKey):
            return True
        default = Scope.READ if request.method in SAFE_METHODS else Scope.WRITE
        return getattr(view, "required_scope", default) in request.auth.scopes

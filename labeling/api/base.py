"""What every API view of a project does first."""

from typing import ClassVar

from rest_framework.request import Request
from rest_framework.views import APIView

from labeling.access import Access, enter
from labeling.models import Role


class ProjectAPIView(APIView):
    """A view below `/api/projects/SLUG/`: `self.access` is set before any method runs.

    `roles` names the role that a method needs; a method that it leaves out needs a manager.
    """

    roles: ClassVar[dict[str, Role]] = {}
    access: Access

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Authenticate, then enter the project with the role that the method needs."""
        super().initial(request, *args, **kwargs)
        needed = self.roles.get(request.method or "", Role.MANAGER)
        self.access = enter(request.user, str(self.kwargs["slug"]), needed)

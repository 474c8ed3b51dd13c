"""Every route of the web application."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required, login_required
from django.urls import include, path
from django.views.generic import TemplateView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config import health
from labeling.api.problems import unknown

# Swagger's own page holds a style element; scripts stay limited to this site's files.
docs = login_required(
    csp_update({"style-src": [SELF, UNSAFE_INLINE]})(
        SpectacularSwaggerSplitView.as_view(url_name="schema")
    )
)

urlpatterns = [
    path("health/live", login_not_required(health.live), name="health-live"),
    path("health/ready", login_not_required(health.ready), name="health-ready"),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", docs, name="api-docs"),
    path("api/", include("labeling.api.urls")),
    path("api/", include("classifier.api.urls")),
    path("api/", include("feedback.api.urls")),
    path("api/<path:rest>", login_not_required(unknown), name="api-unknown"),
    path("", include("accounts.urls")),
    path("", include("labeling.urls")),
    path("", include("classifier.urls")),
    path("", include("feedback.urls")),
]

if settings.LOCAL:
    styleguide = TemplateView.as_view(template_name="components/styleguide.html")
    urlpatterns += [path("styleguide/", styleguide, name="styleguide")]

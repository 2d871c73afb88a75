"""The whole site on one screen. `/healthz` and `/readyz` are answered ahead of it, by `config/probes.py`."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from accounts import tracking

# The admin has no sign-in page of its own: rate limits and the second factor hold there as well.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.index_title = "Admin"
admin.site.empty_value_display = "–"

handler400, handler404, handler500 = "config.errors.unreadable", "config.errors.missing", "config.errors.broken"

urlpatterns = [
    path("api/", include("accounts.urls")),
    path("api/v1/", include("health.api.urls")),
    path("v1/<path:address>", tracking.receive, name="tracking"),
    path("", include("health.urls")),
    path("user/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]

"""The addresses of the product's pages."""

from allauth.account.views import LogoutView
from django.urls import path
from django.views.generic import RedirectView

from health.views import account, data, home, kinds, nights, portfolio

urlpatterns = [
    path("", home.home, name="home"),
    path("home/<slug:name>/", home.panel, name="home_panel"),
    path("favicon.ico", portfolio.favicon),
    path("accounts/", portfolio.accounts, name="accounts"),
    path("accounts/<uuid:public_id>/", account.account, name="account"),
    path("first-day/", portfolio.first_day, name="first_day"),
    # The admin's own pages for these know nothing of second factors and of the product's look.
    path("admin/logout/", LogoutView.as_view()),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("data/", data.health, name="data"),
    path("data/kinds/", kinds.record_kinds, name="record_kinds"),
    path("data/nights/", nights.nights, name="nights"),
    path("data/nights/<int:number>/go-on/", nights.go_on, name="night_go_on"),
    path("data/jobs/<int:number>/", data.job, name="job"),
    path("data/jobs/<int:number>/rejected/", data.rejected, name="rejected"),
]

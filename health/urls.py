"""The addresses of the product's pages."""

from allauth.account.views import LogoutView
from django.urls import path
from django.views.generic import RedirectView

from health.views import account, charts, data, home, kinds, log, nights, panels, portfolio, search, work, worklist

urlpatterns = [
    path("", home.home, name="home"),
    path("home/<slug:name>/", home.panel, name="home_panel"),
    path("favicon.ico", portfolio.favicon),
    path("accounts/", portfolio.accounts, name="accounts"),
    path("accounts/export.csv", portfolio.export, name="accounts_export"),
    path("accounts/views/", portfolio.view_save, name="view_save"),
    path("accounts/views/<int:number>/", portfolio.view_change, name="view_change"),
    path("accounts/views/<int:number>/delete/", portfolio.view_delete, name="view_delete"),
    path("accounts/<uuid:public_id>/", account.account, name="account"),
    path("accounts/<uuid:public_id>/measures/<path:key>/", panels.measure, name="measure"),
    path("accounts/<uuid:public_id>/charts/", charts.charts, name="account_charts"),
    path("accounts/<uuid:public_id>/charts/<slug:name>/", charts.chart, name="account_chart"),
    path("accounts/<uuid:public_id>/timeline/", panels.timeline, name="timeline"),
    path("accounts/<uuid:public_id>/touchpoints/", log.touchpoint_add, name="touchpoint_add"),
    path("accounts/<uuid:public_id>/touchpoints/understood/", log.understood, name="understood"),
    path("accounts/<uuid:public_id>/touchpoints/<int:record>/undo/", log.touchpoint_undo, name="touchpoint_undo"),
    path("accounts/<uuid:public_id>/pulse/", log.pulse_set, name="pulse_set"),
    path("accounts/<uuid:public_id>/pulse/<int:record>/undo/", log.pulse_undo, name="pulse_undo"),
    path("accounts/<uuid:public_id>/notes/", work.note_add, name="note_add"),
    path("accounts/<uuid:public_id>/notes/<int:number>/delete/", work.note_delete, name="note_delete"),
    path("accounts/<uuid:public_id>/next/", work.next_tasks, name="account_next"),
    path("accounts/<uuid:public_id>/tasks/", work.task_add, name="task_add"),
    path("accounts/<uuid:public_id>/tasks/<int:number>/", work.task_edit, name="task_edit"),
    path("accounts/<uuid:public_id>/tasks/<int:number>/done/", work.task_done, name="task_done"),
    path("accounts/<uuid:public_id>/tasks/<int:number>/delete/", work.task_delete, name="task_delete"),
    path("accounts/<uuid:public_id>/restore/", work.restore, name="restore"),
    path("accounts/<uuid:public_id>/override/", work.override_set, name="override_set"),
    path("accounts/<uuid:public_id>/override/end/", work.override_end, name="override_end"),
    path("tasks/", worklist.tasks, name="tasks"),
    path("alerts/", worklist.alerts, name="alerts"),
    path("alerts/seen/", worklist.alerts_seen, name="alerts_seen"),
    path("alerts/<int:number>/seen/", worklist.alert_seen, name="alert_seen"),
    path("accounts/<uuid:public_id>/changes/", account.changes, name="account_changes"),
    path("search/", search.find, name="search"),
    path("help/", search.help_page, name="help"),
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

"""Addresses of scores under /api/v1. None has a final slash."""

from django.urls import path

from health.api import accounts, judgment, merging, portfolio

urlpatterns = [
    path("accounts/<uuid:public_id>/health", accounts.HealthView.as_view(), name="api_health"),
    path("accounts/<uuid:public_id>/health/history", accounts.HistoryView.as_view(), name="api_history"),
    path("accounts/<uuid:public_id>/health/change", accounts.ChangeView.as_view(), name="api_change"),
    path("accounts/<uuid:public_id>/merge", merging.MergeView.as_view(), name="api_merge"),
    path("health", portfolio.PortfolioView.as_view(), name="api_portfolio"),
    path("health/transitions", portfolio.TransitionsView.as_view(), name="api_transitions"),
    path("metrics", judgment.MetricsView.as_view(), name="api_metrics"),
    path("scorecards", judgment.ScorecardsView.as_view(), name="api_scorecards"),
    path("scorecards/<slug:name>", judgment.ScorecardView.as_view(), name="api_scorecard"),
]

"""What somebody does about a metric, as a sentence that begins with its verb: the titles of the steps of a path."""

from health import words
from health.metrics.declare import Metric
from health.metrics.read import Asked

# Of what is counted: for one, and for {n} of them. Else one sentence for any move.
ACTS: dict[str, tuple[str, str]] = {
    "license_utilization": ("Bring one more person to use it", "Bring {n} more people to use it"),
    "weekly_adoption": ("Bring one more person to use it weekly", "Bring {n} more people to use it weekly"),
    "daily_active_users": ("Bring one more person to use it daily", "Bring {n} more people to use it daily"),
    "weekly_active_users": ("Bring one more person to use it weekly", "Bring {n} more people to use it weekly"),
    "monthly_active_users": ("Bring one more person to use it", "Bring {n} more people to use it"),
    "stickiness": ("Make it a daily habit of those who use it",) * 2,
    "feature_breadth": ("Introduce one more core feature", "Introduce {n} more core features"),
    "time_per_login": ("Give them more to do in the product",) * 2,
    "session_duration": ("Give them more to do in the product",) * 2,
    "time_in_product": ("Make it part of their daily work",) * 2,
    "logins_per_user": ("Get those who use it to come more often",) * 2,
    "feature_adoption": ("Show them what the feature is for",) * 2,
    "feature_usage": ("Introduce one more person to the feature", "Introduce {n} more people to the feature"),
    "feature_uses_per_user": ("Make the feature a habit of those who use it",) * 2,
    "event_count": ("Get it done once more", "Get it done {n} more times"),
    "event_count_per_user": ("Get those who use it to do it more often",) * 2,
    "user_retention": ("Keep one more person using it", "Keep {n} more people using it"),
    "user_churn": ("Win back one person who stopped using it", "Win back {n} people who stopped using it"),
    "user_return_rate_7": ("Get one more new person to come back", "Get {n} more new people to come back"),
    "user_return_rate_30": ("Get one more new person to come back", "Get {n} more new people to come back"),
    "bounce_rate": (
        "Keep one more visit from ending on its first page",
        "Keep {n} more visits from ending on their first page",
    ),
    "conversion_rate": ("Bring one more to the goal", "Bring {n} more to the goal"),
    "abandonment_rate": ("Help one more to finish what they began", "Help {n} more to finish what they began"),
    "days_since_last_use": ("Get somebody to use it again",) * 2,
    "usage_trend": ("Bring back people who stopped using it",) * 2,
    "stakeholder_engagement": ("Meet one more key contact", "Meet {n} more key contacts"),
    "touchpoints": ("Hold one more touchpoint", "Hold {n} more touchpoints"),
    "days_since_touchpoint": ("Talk to them",) * 2,
    "meeting_attendance": ("Get one more appointment attended", "Get {n} more appointments attended"),
    "champion": ("Find a champion",) * 2,
    "executive_sponsor": ("Name an executive sponsor",) * 2,
    "message_open_rate": ("Get one more message opened", "Get {n} more messages opened"),
    "message_click_rate": ("Get one more message clicked", "Get {n} more messages clicked"),
    "message_response_rate": ("Get one more message answered", "Get {n} more messages answered"),
    "opt_out_rate": ("Keep one more person from opting out", "Keep {n} more people from opting out"),
    "opt_outs": ("Keep one more person from opting out", "Keep {n} more people from opting out"),
    "social_engagement_rate": ("Get one more reaction in public", "Get {n} more reactions in public"),
    "nps": ("Win over one critic", "Win over {n} critics"),
    "csat": ("Turn one answer into a satisfied one", "Turn {n} answers into satisfied ones"),
    "ces": ("Make it easier for one person", "Make it easier for {n} people"),
    "feedback_response_rate": ("Get one more request answered", "Get {n} more requests answered"),
    "ticket_volume": ("Prevent one ticket", "Prevent {n} tickets"),
    "open_tickets": ("Close one open ticket", "Close {n} open tickets"),
    "escalated_tickets": ("Close one escalated ticket", "Close {n} escalated tickets"),
    "oldest_open_ticket": ("Close the oldest open ticket",) * 2,
    "oldest_escalated_ticket": ("Close the oldest escalated ticket",) * 2,
    "first_response_time": ("Get first replies sooner",) * 2,
    "resolution_time": ("Get tickets solved sooner",) * 2,
    "first_contact_resolution": ("Get one more ticket solved by one reply", "Get {n} more tickets solved by one reply"),
    "objectives_on_track": ("Bring one more objective on track", "Bring {n} more objectives on track"),
    "days_to_renewal": ("Get the renewal decided",) * 2,
    "overdue_invoices": ("Get what is past due paid",) * 2,
}


def act(asked: Asked, present: float | None, reading: float, n: int) -> str:
    """`Bring 19 more people to use it`, to get from one reading, which stands over n, to another."""
    metric = asked.metric
    if metric.key not in ACTS:
        return words.name(asked)
    one, several = ACTS[metric.key]
    many = _many(metric, metric.low if present is None else present, reading, n)
    return one if many == 1 else several.format(n=f"{many:,}")


def _many(metric: Metric, present: float, reading: float, n: int) -> int:
    """How many people, tickets or features lie between two readings."""
    if words.is_counted(metric):
        return abs(words.part(reading, n) - words.part(present, n))
    return round(abs(reading - present))

"""How the stories bend what an account would otherwise do. `ago` is days before today; the past has larger numbers."""

import math

from health.democompany.plans import Plan


def ramp(ago: float, since: float, until: float) -> float:
    """0 before `since` days ago, 1 from `until` days ago on, linear between."""
    return min(1.0, max(0.0, (since - ago) / (since - until)))


def share(plan: Plan, ago: int) -> float:
    """The share of the seats whose holders use the product in a month."""
    usual = 0.10 + 0.60 * plan.fit + 0.025 * math.sin((ago + 37 * plan.number) / 23)
    usual *= 0.25 + 0.75 * ramp(ago, plan.age, plan.age - 70)
    match plan.story:
        case "champion_left":
            usual *= 1 - 0.34 * ramp(ago, 62, 12)
        case "fading":
            usual *= 1 - 0.50 * ramp(ago, 105, 15)
        case "stopped":
            usual *= 1 - 0.40 * ramp(ago, 90, 40)
        case "stalled":
            usual = 0.13 * ramp(ago, plan.age, plan.age - 30)
        case "outgrowing":
            usual = 0.62 + 0.37 * ramp(ago, 330, 30)
        case "failing":
            usual *= 1 - 0.35 * ramp(ago, 240, 90)
        case "recovered":
            usual *= 1 - 0.55 * ramp(ago, 260, 215) * (1 - ramp(ago, 180, 95))
        case "rising":
            usual *= 0.72 + 0.36 * ramp(ago, 75, 10)
        case "lost":
            usual *= 1 - 0.6 * ramp(ago, 330, 150)
        case _:
            pass
    return min(1.0, max(0.0, usual))


def habit(plan: Plan, ago: int) -> float:
    """How likely somebody who uses the product at all does on a working day."""
    usual = 0.08 + 0.24 * plan.fit
    if plan.story in ("fading", "champion_left"):
        usual *= 1 - 0.25 * ramp(ago, 80, 15)
    if plan.story == "stalled":
        usual = 0.1
    return usual


def uses(plan: Plan, ago: int) -> bool:
    """Whether anybody uses it on that day at all."""
    if plan.ended is not None and ago < plan.ended:
        return False
    return not (plan.story == "stopped" and ago < (34 if plan.tier == "enterprise" else 17))


def features(plan: Plan, ago: int) -> int:
    """How many of the eight core features are part of their work."""
    usual = round(2 + 6 * plan.fit)
    if plan.story == "champion_left":
        usual -= round(2 * ramp(ago, 50, 20))
    if plan.story in ("fading", "failing"):
        usual -= round(2 * ramp(ago, 90, 30))
    if plan.story == "stalled":
        usual = 2
    return max(1, min(8, usual))


def every(plan: Plan) -> int:
    """Days between two touchpoints, about."""
    return {"enterprise": 15, "mid-market": 24, "smb": 70}[plan.tier]


def in_touch(plan: Plan, ago: int) -> bool:
    """Whether somebody is in touch in these days."""
    quiet = {"fading": 33, "stopped": 36, "silent_churn": 150, "unknown": 6, "failing": 6, "lost": 120}
    return ago >= quiet.get(plan.story, 0)


def mood(plan: Plan, ago: int) -> float:
    """How content they are, from 0 to 1."""
    usual = 0.95 * plan.fit - 0.02
    match plan.story:
        case "champion_left":
            usual -= 0.25 * ramp(ago, 50, 20)
        case "angry":
            usual -= 0.40 * ramp(ago, 60, 25)
        case "fading" | "failing" | "lost":
            usual -= 0.20 * ramp(ago, 150, 40)
        case "rising":
            usual += 0.10 * ramp(ago, 80, 20)
        case _:
            pass
    return min(1.0, max(0.0, usual))


def pulse(plan: Plan, ago: int) -> float:
    """What the CSM makes of them: mostly as they are, sometimes not."""
    if plan.story == "divergent":
        return 0.95
    if plan.story == "silent_churn":
        return 0.75
    return mood(plan, ago)

"""How a score is made: pure arithmetic on arrays, one implementation for one case and for a hundred thousand.

No Django in here. Readings come in as numbers with their states, a scorecard version as a `Card`; what comes out is every
number that a page shows beside a score, so that a person can compute it by hand.
"""

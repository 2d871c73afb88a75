"""A believable company to look at: Loomline, which sells software that plans shifts, and its sixty customers.

Eighteen months of history come in through the same doors as anybody's, and are scored day by day. The same day gives the
same company. Everything is marked as made up, and one command removes it.
"""

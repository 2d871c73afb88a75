"""Scores made again from the rows of the database, one account at a time, as a person would with a pencil.

It knows the tables and the written formulas, and shares no code with the product. Slow, and meant to be.
"""

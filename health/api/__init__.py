"""What other programs read of scores: an account's, the portfolio's, and what they are judged by."""

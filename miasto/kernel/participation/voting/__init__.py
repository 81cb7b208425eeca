"""The secret ballot box: sealed ballots, the committee's shared key, receipts, a bulletin that anybody can check."""

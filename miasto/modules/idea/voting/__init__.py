"""Pages of a secret vote: who votes, the ballot, the receipt, the voting point, the committee."""

"""Citizen panels by lot: fair probabilities under quotas, a lottery of ready committees, a draw that anyone can repeat."""

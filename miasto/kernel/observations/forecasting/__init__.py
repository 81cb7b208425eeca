"""Forecasts of two days by hour, shown only where they were better than what anybody could say without a model."""

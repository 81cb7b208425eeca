"""Residents ask for a consultation: signatures collected on the page, and what the city did with the request."""

"""Cases: whatever someone asks of the city and the city must answer, from filing to the last step."""

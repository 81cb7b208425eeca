"""What a report is like: the category its words speak of, and the reports that tell of the same thing."""

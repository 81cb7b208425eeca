"""From an opened ballot box to a result that everybody can repeat: counted by a job, published with its files."""

"""Letters: what comes by e-mail and on paper, who wrote it, what the law makes of it, and what became of it."""

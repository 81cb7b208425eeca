"""The city contact centre: residents report what is wrong, the responsible unit answers, everybody sees the outcome."""

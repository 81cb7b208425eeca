"""Participation: processes with phases, contributions that are owed an answer, votes that anybody can recount."""

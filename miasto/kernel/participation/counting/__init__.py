"""Counting of votes for projects: plain data in, plain data out, exact numbers; knows no database and no Django."""

"""Petitions before everybody: their register, what became of them, the yearly information (act of 11 July 2014)."""

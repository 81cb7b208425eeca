"""The vocabulary of declarations: one file of frozen data classes for each engine, importing only ``core``."""

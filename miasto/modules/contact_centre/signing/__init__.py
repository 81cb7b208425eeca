"""The video channel in sign language: booking a time with the interpreter."""

"""What other institutions measure: their answers read, and asked for by a periodic job."""

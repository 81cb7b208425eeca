"""Incoming mail: fetched by IMAP or handed over by LMTP, taken apart, given to whoever declared that it takes it in."""

"""The kiosk: the platform on a public screen, where nothing of one person stays for the next."""

"""Social media and chat: conversations come in by signed webhooks and are answered from the panel."""

"""Discussions: threads of comments on any object, with audiences and moderation."""

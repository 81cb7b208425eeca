"""What is wrong with a request, as the standard's clients are told."""

from __future__ import annotations


class Problem(Exception):
    """Refuses a request: ``status`` of HTTP, ``message`` for a person, ``at`` the 1-based position in the parsed text."""

    def __init__(self, status: int, message: str, at: int | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.at = status, message, at

    def body(self) -> dict[str, object]:
        """The answer's JSON."""
        place = {} if self.at is None else {"position": self.at}
        return {"code": self.status, "type": "error", "message": self.message, **place}

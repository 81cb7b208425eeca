"""The health page for a load balancer and for who watches over the servers."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from miasto.kernel.core import room


def health(request: HttpRequest) -> JsonResponse:
    """200 when the database answers, 503 otherwise; says nothing else of the inside but that a disk is short of room.

    That stays 200: pages can still be read, and another server behind the same balancer writes to the same disk.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "disk full" if room.is_short() else "ok"})

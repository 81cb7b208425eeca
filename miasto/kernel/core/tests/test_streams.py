"""A download under ASGI goes out piece by piece, as it is made."""

import asyncio

import pytest
from django.http import FileResponse, StreamingHttpResponse
from django.test import RequestFactory

from miasto.kernel.core import middleware


def answered(response):
    async def view(_request):
        return response

    return asyncio.run(middleware.StreamsMiddleware(view)(RequestFactory().get("/")))


def pieces(response):
    async def read():
        return [one async for one in response]

    return asyncio.run(read())


def test_nothing_is_made_before_it_is_asked_for(recwarn):
    made = []

    def rows():
        for number in range(3):
            made.append(number)
            yield bytes(middleware.PIECE)

    served = answered(StreamingHttpResponse(rows()))
    assert (served.is_async, made) == (True, [])

    async def first():
        async for one in served:
            return len(one)
        return 0

    assert asyncio.run(first()) == middleware.PIECE
    assert made == [0], "the rest waits for a reader"
    assert [str(one.message) for one in recwarn if "synchronous iterators" in str(one.message)] == []


@pytest.mark.django_db  # the end of a response looks after the connection
def test_a_file_is_whole_and_closed(tmp_path):
    path = tmp_path / "kept"
    path.write_bytes(b"abc" * middleware.PIECE)
    file = path.open("rb")
    served = answered(FileResponse(file))
    assert b"".join(pieces(served)) == path.read_bytes()
    served.close()
    assert file.closed
    assert served["Content-Length"] == str(path.stat().st_size)

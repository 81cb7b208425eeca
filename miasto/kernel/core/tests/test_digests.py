"""Digests that are stored: their values may never change, whatever the code around them does."""

from django.http import HttpResponse

from miasto.kernel.core import conditional, digests


def test_stored_digests_stay_what_they_were(settings):
    settings.SECRET_KEY = "klucz"
    assert digests.keyed("miasto.idea.request", "anna@przyklad.pl") == "2eddc39ecd961cc56eca5deb6462a954"
    assert digests.keyed("miasto.idea.live", "x", length=40) == "a248896e65b92e36caa31f070a1c91f4bae3e5e4"
    assert digests.plain("idea.support|anna").hex() == "5193956e11dd511a43f83c19d9371d4ea0f9f06346d4a25176c4871bd0544b65"


def test_a_feed_is_sent_once_and_then_only_said_to_be_the_same(rf):
    first = conditional.feed(rf.get("/rss/"), b"<rss/>")
    assert (first.status_code, first["Content-Type"]) == (200, conditional.RSS)
    again = conditional.feed(rf.get("/rss/", headers={"if-none-match": first["ETag"]}), b"<rss/>")
    assert (again.status_code, again.content) == (304, b"")
    assert isinstance(conditional.feed(rf.get("/rss/", headers={"if-none-match": first["ETag"]}), b"<rss></rss>"), HttpResponse)
    assert conditional.etag(b"x", weak=True) == "W/" + conditional.etag(b"x")

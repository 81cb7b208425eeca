"""A much discussed consultation: a page with 1,000 remarks asks the database as much as one with ten."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from miasto.kernel.participation.selectors import documents
from miasto.kernel.participation.testing import answer_all, make_process, many_remarks
from miasto.modules.idea.naming import KIND

FEW, MANY, MANY_ANSWERED = 30, 1000, 200


def counted(client, addresses):
    found = {}
    for address in addresses:
        assert client.get(address).status_code == 200
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        found[address] = len(asked)
    return found


def test_no_page_asks_more_with_a_thousand_remarks_than_with_thirty(panel, unit):
    one, ended = (make_process(kind=KIND, unit_id=unit.pk) for _number in range(2))
    version = documents(one)[1].version
    public, staff = f"/idea/konsultacje/{one.slug}/", f"/panel/idea/{one.pk}/"
    addresses = [
        "/idea/", "/idea/konsultacje/", public, f"{public}dokumenty/{version.pk}/", f"{public}uwagi/", f"{public}uwagi/?page=2",
        f"{public}uwagi/?szukaj=drzew", f"{public}uwagi/?na_mapie=on", f"{public}uwagi/1/", f"{public}uwagi.geojson",
        f"{public}uwagi.csv", f"/idea/konsultacje/{ended.slug}/raport/", "/panel/idea/", staff, f"{staff}uwagi/",
        f"{staff}uwagi/1/",
    ]  # fmt: skip
    told = []
    for count, answered in ((FEW, FEW), (MANY, MANY_ANSWERED)):
        many_remarks(one, count)
        type(ended).objects.filter(pk=ended.pk).update(closed_at=None)
        many_remarks(ended, answered)
        answer_all(ended)
        told.append(counted(panel, addresses))
    assert told[0] == told[1]
    assert max(told[1].values()) < 20

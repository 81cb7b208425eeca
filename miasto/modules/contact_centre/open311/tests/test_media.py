"""Photos named by an address are brought by a job from a real server, and nothing else is."""

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.cases import selectors, services
from miasto.kernel.core import outbound
from miasto.kernel.core.testing import listening
from miasto.kernel.files.testing import picture_bytes
from miasto.modules.contact_centre.open311.models import MediaFetch
from miasto.modules.contact_centre.open311.tests.test_georeport import sent

pytestmark = pytest.mark.django_db
JOBS = "contact_centre.open311_fetch_media"


def serving(body, status=200, **headers):
    return listening(lambda asked: (status, {"Content-Type": "image/jpeg", **headers}, body))


def photos(number):
    return selectors.case_page(number, SYSTEM).photos


def test_a_photo_is_brought_cleaned_and_waits_for_approval(program, here, run_jobs):
    with serving(picture_bytes(position=(20.6, 50.8))) as url:
        number = sent(program, here, media_url=f"{url}/photo.jpg?size=large")
        assert photos(number) == []
        run_jobs(only=JOBS)
    found = photos(number)
    assert [(photo.phase, photo.state) for photo in found] == [("filed", "waiting")]
    assert not MediaFetch.objects.exists()


def test_the_job_bears_being_called_twice(program, here):
    from miasto.modules.contact_centre.open311 import media

    with serving(picture_bytes()) as url:
        number = sent(program, here, media_url=url)
        fetch_id = str(MediaFetch.objects.get().pk)
        assert media.fetch(fetch_id)
        assert not media.fetch(fetch_id)
    assert len(photos(number)) == 1


def test_a_photo_that_comes_while_the_city_waits_for_an_answer_is_no_answer(program, here, run_jobs):
    with serving(picture_bytes()) as url:
        number = sent(program, here, media_url=url)
        services.take_step(case=selectors.case_for(number, SYSTEM), transition="ask", answer="Gdzie?", by=SYSTEM)
        run_jobs(only=JOBS)
    assert selectors.case_for(number, SYSTEM).stage == "question"
    assert len(photos(number)) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:5432/", "http://169.254.169.254/latest/", "http://localhost/admin"])
def test_addresses_of_our_own_network_are_never_asked(program, here, run_jobs, url):
    number = sent(program, here, media_url=url)
    run_jobs(only=JOBS)
    assert photos(number) == []
    assert not MediaFetch.objects.exists()


def test_what_is_no_photo_is_given_up(program, here, run_jobs):
    with serving(b"<html>Sign in</html>") as url:
        number = sent(program, here, media_url=url)
        run_jobs(only=JOBS)
    assert photos(number) == []
    assert not MediaFetch.objects.exists()


def test_a_server_that_fails_is_asked_again_and_given_up_at_last(program, here):
    from miasto.modules.contact_centre.open311 import media

    with serving(b"", 503) as url:
        sent(program, here, media_url=url)
        fetch_id = str(MediaFetch.objects.get().pk)
        for _attempt in range(media.ATTEMPTS - 1):
            with pytest.raises(outbound.Unanswered):
                media.fetch(fetch_id)
        assert not media.fetch(fetch_id)
    assert not MediaFetch.objects.exists()

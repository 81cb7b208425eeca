from datetime import UTC, datetime, timedelta

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.ui.charts import Series, layout, ticks


def draw(source, **values):
    return Template(source).render(Context(values))


def test_an_icon_is_a_drawing_that_screen_readers_skip():
    html = draw('{% icon "map-pin" %}')
    assert html.startswith("<svg")
    assert 'aria-hidden="true"' in html
    assert "<path" in html


def test_an_unknown_icon_is_an_error_that_names_it():
    with pytest.raises(TemplateSyntaxError, match="no-such-thing"):
        draw('{% icon "no-such-thing" %}')


def test_a_tag_escapes_its_text_and_knows_its_colours():
    assert "&lt;b&gt;" in draw("{% tag text 'green' %}", text="<b>")
    with pytest.raises(TemplateSyntaxError, match="pink"):
        draw("{% tag 'x' 'pink' %}")


def test_an_instant_is_shown_on_the_citys_clock():
    moment = datetime(2026, 5, 12, 12, 5, tzinfo=UTC)
    local = moment.astimezone(clock.zone())
    html = draw("{% when moment %}", moment=moment)
    assert f"12 maja 2026, {local:%H:%M}" in html
    assert f'datetime="{local.isoformat(timespec="minutes")}"' in html


def test_a_date_just_after_midnight_is_the_local_one():
    moment = clock.start_of(datetime(2026, 5, 13, tzinfo=UTC).date()) + timedelta(minutes=1)
    assert "13 maja 2026" in draw("{% when_date moment %}", moment=moment)


def test_how_long_ago_is_said_in_polish():
    with clock.at(datetime(2026, 5, 12, 12, 0, tzinfo=UTC)):
        now = clock.now()
        assert ">przed chwilą<" in draw("{% ago moment %}", moment=now - timedelta(seconds=20))
        assert "3\xa0dni temu" in draw("{% ago moment %}", moment=now - timedelta(days=3, hours=4))


def test_pagination_keeps_the_filters():
    request = RequestFactory().get("/?stan=nowe&page=3&q=dziura+w+drodze")
    html = draw("{% pagination page %}", page=Paginator(range(100), 10).page(3), request=request)
    assert 'href="?stan=nowe&amp;page=4&amp;q=dziura+w+drodze"' in html
    assert html.count('aria-current="page"') == 1


def test_one_page_needs_no_pagination():
    request = RequestFactory().get("/")
    assert draw("{% pagination page %}", page=Paginator(range(5), 10).page(1), request=request).strip() == ""


def test_the_map_begins_in_the_citys_middle_and_names_its_list():
    longitude, latitude = city().centre
    html = draw('{% city_map id="m" twin="#lista" pick="a,b" %}')
    assert f'data-lon="{longitude}"' in html
    assert f'data-lat="{latitude}"' in html
    assert 'href="#lista"' in html
    assert "data-placed" not in html


def test_a_chosen_place_is_written_with_points_in_every_language():
    html = draw("{% city_map lat=lat lon=lon %}", lat="50,87", lon=20.5)
    assert 'data-lat="50.87"' in html
    assert "data-placed" in html


def test_a_number_is_grouped_as_the_reader_writes_it():
    assert "12\xa0841" in draw("{% stat_number 12841 'spraw' %}")


def test_a_chart_has_a_table_with_the_same_values():
    series = Series("Zgłoszenia", "Miesiąc", "Liczba", [("I", 5), ("II", 12)])
    html = draw("{% bar_chart series %}", series=series)
    assert html.count("<rect") == 2
    assert '<td class="ui-number">12</td>' in html


@pytest.mark.parametrize("highest", [0, 0.4, 1, 7, 99, 100, 101, 12345])
def test_the_axis_of_a_chart_reaches_over_its_highest_value(highest):
    marks = ticks(highest)
    assert marks[0] == 0
    assert marks[-1] >= highest
    assert len(marks) <= 12


def test_bars_stand_inside_the_drawing():
    made = layout(Series("", "", "", [("a", 3), ("b", 0), ("c", 8)]))
    assert all(0 <= float(bar["y"]) <= made["height"] and float(bar["height"]) >= 0 for bar in made["bars"])
    assert float(made["bars"][1]["height"]) == 0


def test_an_empty_chart_is_drawn_without_failing():
    assert layout(Series("", "", "", []))["bars"] == []

"""The classifier: what it learns, what it must not remember, when it is silent, and which model stays in use."""

import struct
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_staff, make_viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services as case_services
from miasto.kernel.core import clock
from miasto.kernel.core.ids import uuid7
from miasto.kernel.core.testing import rows_of_the_file
from miasto.modules.contact_centre import selectors as contact_centre
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.likeness import services
from miasto.modules.contact_centre.likeness.classifier import current_model
from miasto.modules.contact_centre.likeness.features import features, telling_words
from miasto.modules.contact_centre.likeness.jobs import train_weekly
from miasto.modules.contact_centre.likeness.linear import DIGEST, MAGIC, BadModel, LinearModel
from miasto.modules.contact_centre.likeness.measuring import measure
from miasto.modules.contact_centre.likeness.models import Training
from miasto.modules.contact_centre.likeness.selectors import likely_category
from miasto.modules.contact_centre.likeness.tests.conftest import make_catalogue, make_history, rows_of
from miasto.modules.contact_centre.likeness.training import Example, TooFew, learn

PAGE = "contact_centre_classifier:classifier"
pytestmark = pytest.mark.django_db


def slugs(text):
    return [guess.category.slug for guess in likely_category(text)]


def test_a_text_without_polish_letters_and_with_a_typo_has_the_features_of_the_proper_one():
    proper, typed = features("Śmieci leżą przy chodniku"), features("smieci leza przy chodnku")
    assert "w:smieci" in proper & typed
    assert len(proper & typed) > len(proper) / 2


def test_names_and_numbers_are_no_features():
    words = telling_words("Dzwoniła Anna Kowalska, tel. 600100200, spod numeru 12B. Latarnia na Sienkiewicza nie świeci.")
    assert words == ["dzwoniła", "tel", "spod", "numeru", "latarnia", "świeci"]


def test_a_text_in_capitals_is_read():
    assert "w:dziura" in features("DZIURA W JEZDNI")


def test_without_a_model_the_keywords_answer(catalogue):
    guesses = likely_category("pełny kosz")
    assert guesses[0].category.slug == "smieci"
    assert not guesses[0].learned


def test_a_clerks_masked_text_is_read_instead_of_the_filers(catalogue):
    row = rows_of(1)[0]
    masked = replace(row, description="dziura, Jan spod piątki", published="dziura")
    case_services.import_cases(case_type=KEY, rows=[masked], by=SYSTEM)
    assert [told.text for told in cases.told(KEY, newest=10)] == ["dziura"]


def test_few_cases_give_no_model(catalogue):
    case_services.import_cases(case_type=KEY, rows=rows_of(20), by=SYSTEM)
    assert services.train_now().state == Training.State.TOO_FEW
    assert current_model() is None
    with pytest.raises(CommandError):
        call_command("classifier", "train")


def test_what_looks_like_personal_data_is_cut_out_before_learning(catalogue):
    row = replace(rows_of(1)[0], description="Anna Kowalska, 600 100 200. Dziura.", published=None)
    case_services.import_cases(case_type=KEY, rows=[row], by=SYSTEM)
    words = features(services.history()[0].text)
    assert "w:dziura" in words
    assert not {"w:kowalska", "w:anna"} & words


@pytest.fixture(scope="module")
def history_of_the_file(django_db_setup, django_db_blocker):
    with rows_of_the_file(django_db_blocker):
        make_history(make_catalogue())
        yield


@pytest.fixture
def history(history_of_the_file, db):
    """Four hundred reports of the past, made once: the tests that want none of them stand above."""
    return {row.slug: row for row in cases.leaves(KEY)}


def test_the_trained_model_knows_the_category_and_its_probabilities_add_up(history):
    assert services.train_now().state == Training.State.TAKEN
    guesses = likely_category("od wczoraj ciemno, lampy nie działają")
    assert guesses[0].category == history["latarnia"]
    assert guesses[0].learned
    assert 0.5 < guesses[0].probability <= 1
    assert sum(current_model().probabilities("ciemno")) == pytest.approx(1, abs=1e-5)


def test_the_report_path_offers_what_the_model_says(history):
    services.train_now()
    assert contact_centre.suggestions("Wyboje na drodze")[0].slug == "dziura"


def test_a_silent_model_lets_the_keywords_speak_first(history):
    services.train_now()
    model = current_model()
    doubtful = 3 * model.temperature  # so that it thinks several categories possible
    quiet = LinearModel(model.categories, model.terms, model.idf, model.weights, model.bias, doubtful, silence=1.01)
    Training.objects.filter(current=True).update(current=False, data=None)
    Training.objects.create(asked_at=Training.objects.first().asked_at, state="taken", current=True, data=quiet.to_bytes())
    guesses = likely_category("konar nad kosz")
    assert not guesses[0].learned
    assert any(guess.learned for guess in guesses)


def test_a_text_of_which_nothing_is_known_gets_no_guess(history):
    services.train_now()
    assert likely_category("qqq xyzzy") == []
    assert likely_category("ab") == []


def test_a_suggestion_costs_two_queries(history):
    services.train_now()
    likely_category("ciemno na ulicy")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        likely_category("wyrwa w asfalcie")
    assert len(asked) == 2


def test_a_category_that_is_no_longer_offered_is_not_guessed(history):
    services.train_now()
    category = history["dziura"]
    category.active = False
    category.save()
    assert "dziura" not in slugs("dziura w jezdni")


def test_a_phrase_of_few_people_is_not_in_the_model(history):
    rows = rows_of(4, seed=2)
    told = [row_with_new_id(row, "dziura kowalskiprzykladowy") for row in rows]
    case_services.import_cases(case_type=KEY, rows=told, by=SYSTEM)
    services.train_now()
    assert not [term for term in current_model().terms if "kowalskiprzyk" in term or "klado" in term]


def row_with_new_id(row, words=""):
    return replace(row, id=uuid7(), published=None, description=words or row.description)


def test_an_erased_text_vanishes_with_the_next_training(history):
    rows = [row_with_new_id(row, "dziura wykrotowisko") for row in rows_of(6, seed=3)]
    case_services.import_cases(case_type=KEY, rows=rows, by=SYSTEM)
    services.train_now()
    assert "w:wykrotowisko" in current_model().terms
    for row in rows:
        case_services.erase_personal(case=cases.visible_cases(SYSTEM).get(pk=row.id), by=SYSTEM)
    services.train_now()
    assert "w:wykrotowisko" not in current_model().terms


def test_a_case_that_staff_moved_to_another_category_counts_as_a_correction(history):
    staff = make_viewer({"contact_centre.operator": None})
    case = cases.visible_cases(SYSTEM).filter(category=history["dziura"]).first()
    case_services.recategorise(case=case, category=history["drzewo"], by=staff)
    told = cases.told(KEY, newest=1000)
    assert [row.category for row in told if row.corrected] == ["drzewo"]
    assert services.train_now().corrections == 1


def test_mistakes_and_spam_are_not_learned_from(history):
    staff = make_viewer({"contact_centre.operator": None})
    case = cases.visible_cases(SYSTEM).first()
    case_services.take_step(case=case, transition="void", reason="To nie jest zgłoszenie.", by=staff)
    assert len(cases.told(KEY, newest=1000)) == 399


def test_a_worse_model_does_not_replace_a_better_one(history):
    first = services.train_now()
    rows = rows_of(300, seed=4, wrong=1.0)
    case_services.import_cases(case_type=KEY, rows=[row_with_new_id(row) for row in rows], by=SYSTEM)
    second = services.train_now()
    assert second.state == Training.State.WORSE
    assert second.compared["new"] < second.compared["old"]
    assert Training.objects.get(current=True) == first


def test_a_model_that_is_as_good_replaces_the_old_one_and_the_old_weights_go(history):
    first, second = services.train_now(), services.train_now()
    first.refresh_from_db()
    assert second.current
    assert (first.current, first.data) == (False, None)


def test_the_figures_are_measured_on_cases_that_the_measured_model_had_not_seen():
    old = [Example("kosz pełny śmieci", "smieci"), Example("dziura w jezdni", "dziura")] * 150
    unseen = [Example("zupełnie nowe słowa tutaj", "smieci")] * 60
    learned = learn([*old, *unseen], [Example("kosz", "smieci"), Example("dziura", "dziura")])
    assert len(learned.held_out) == 72
    assert "w:zupelnie" not in learned.twin.terms
    assert "w:zupelnie" in learned.model.terms


def test_too_few_examples_are_refused():
    with pytest.raises(TooFew):
        learn([Example("dziura", "dziura")] * 10, [])


def test_probabilities_are_calibrated_on_the_history(history):
    done = services.train_now()
    assert done.report["calibration"] < 0.15
    assert done.first > 0.9


def test_a_stored_model_comes_back_the_same(history):
    services.train_now()
    model = current_model()
    again = LinearModel.from_bytes(model.to_bytes())
    assert again.categories == model.categories
    assert again.probabilities("ciemno na ulicy") == pytest.approx(model.probabilities("ciemno na ulicy"), abs=1e-3)


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: b"",
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2] + b"x" + data[len(data) // 2 + 1 :],
        lambda data: b"\x80\x04" + data,
        lambda data: MAGIC + struct.pack(">I", 5) + b"abcde" + b"\0" * DIGEST,
    ],
)
def test_a_damaged_model_is_refused_and_the_keywords_answer(history, harm):
    done = services.train_now()
    data = harm(bytes(done.data))
    with pytest.raises(BadModel):
        LinearModel.from_bytes(data)
    Training.objects.filter(pk=done.pk).update(current=False)
    Training.objects.create(asked_at=done.asked_at, current=True, data=data)
    assert not likely_category("dziura w jezdni")[0].learned


def test_measuring_counts_what_it_says():
    answers = {"a": [("x", 0.9), ("y", 0.1)], "b": [("y", 0.6), ("x", 0.3)], "c": [("z", 0.05), ("y", 0.04)], "d": []}
    figures = measure(answers.__getitem__, [("a", "x"), ("b", "x"), ("c", "x"), ("d", "y")], silence=0.1)
    assert (figures.cases, figures.first, figures.in_three) == (4, 0.25, 0.5)
    assert (figures.spoken, figures.right_spoken) == (0.5, 0.5)
    of_x = next(row for row in figures.categories if row.slug == "x")
    assert (of_x.cases, of_x.precision, of_x.recall) == (3, 1.0, pytest.approx(1 / 3))
    assert {(row.true, row.said) for row in figures.confusions} == {("x", "y"), ("x", "z")}


def test_the_web_process_answers_without_the_machine_learning_library():
    code = (
        "import sys, os; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'miasto.config.settings');"
        "import django; django.setup();"
        "import miasto.modules.contact_centre.likeness.views, miasto.modules.contact_centre.likeness.selectors;"
        "from miasto.modules.contact_centre.likeness.linear import LinearModel; import numpy as np;"
        "from miasto.modules.contact_centre.likeness.features import features;"
        "terms = {term: at for at, term in enumerate(features('Dziura'))};"
        "weights = np.repeat([[1.0, 0.0]], len(terms), axis=0);"
        "model = LinearModel(('a', 'b'), terms, np.ones(len(terms)), weights, np.zeros(2));"
        "assert model.best('Dziura', 1)[0][0] == 'a';"
        "assert not {'sklearn', 'scipy'} & set(sys.modules), 'loaded'"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_the_page_shows_figures_mistakes_and_a_tried_sentence(client, history):
    client.force_login(make_staff("contact_centre.operator"))
    before = client.get(reverse(PAGE)).content.decode()
    assert "nie był jeszcze uczony" in before
    services.train_now()
    page = client.get(reverse(PAGE), {"tekst": "pełny kosz"}).content.decode()
    assert "trafna pierwsza podpowiedź" in page
    assert "Nieodebrane śmieci" in page
    assert "przyjęty" in page


def test_only_those_who_may_see_the_page(client, history):
    client.force_login(make_staff("cases.clerk"))
    assert client.get(reverse(PAGE)).status_code == 403
    assert client.post(reverse("contact_centre_classifier:train")).status_code == 403


def test_a_training_asked_on_the_page_runs_in_the_background(client, history, run_jobs):
    client.force_login(make_staff("contact_centre.operator"))
    client.post(reverse("contact_centre_classifier:train"))
    assert services.running() is not None
    assert "Trwa uczenie" in client.get(reverse(PAGE)).content.decode()
    run_jobs()
    assert Training.objects.get().state == Training.State.TAKEN


def test_a_training_that_waits_can_be_stopped_and_a_second_one_is_not_begun(client, history, run_jobs):
    client.force_login(make_staff("contact_centre.operator"))
    client.post(reverse("contact_centre_classifier:train"))
    client.post(reverse("contact_centre_classifier:train"))
    made = Training.objects.get()
    client.post(reverse("contact_centre_classifier:stop", args=[made.pk]))
    run_jobs()
    assert Training.objects.get().state == Training.State.CANCELLED
    assert current_model() is None


def test_a_running_training_stops_at_its_next_step(history):
    made = services.ask_training(by=make_viewer({"contact_centre.operator": None}))
    Training.objects.filter(pk=made.pk).update(stop_asked=True)
    assert services.run_training(training_id=made.pk).state == Training.State.CANCELLED


def test_the_command_tells_the_measured_figures(history, capsys):
    call_command("classifier", "train")
    call_command("classifier", "measure")
    assert capsys.readouterr().out.count("pierwsza podpowiedź trafna") == 2


def test_staff_is_offered_another_category_where_the_words_speak_of_it(client, history):
    services.train_now()
    rows = [replace(rows_of(1)[0], category="latarnia", description="Wyboje na drodze, dziura w jezdni.", published=None)]
    case_services.import_cases(case_type=KEY, rows=rows, by=SYSTEM)
    case = cases.visible_cases(SYSTEM).get(pk=rows[0].id)
    client.force_login(make_staff("contact_centre.operator"))
    page = client.get(f"/panel/sprawy/{case.number}/").content.decode()
    assert "Może inna kategoria?" in page
    values = {"category": history["dziura"].pk, "move": "on", "version": case.version, "seen": 1}
    client.post(f"/panel/sprawy/{case.number}/kategoria/", values)
    case.refresh_from_db()
    assert case.category == history["dziura"]
    assert "Może inna kategoria?" not in client.get(f"/panel/sprawy/{case.number}/").content.decode()


def test_a_training_whose_worker_was_killed_bars_no_other(history):
    operator = make_viewer({"contact_centre.operator": None})
    services.ask_training(by=operator)
    with pytest.raises(services.AlreadyRunning):
        services.ask_training(by=operator)
    with clock.at(clock.now() + timedelta(hours=4)):
        assert services.running() is None
        train_weekly()
    assert Training.objects.get(current=True).state == Training.State.TAKEN

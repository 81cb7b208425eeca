"""Questions with several answers: a field that keeps them as the engine does."""

from miasto.kernel.spec.cases import Question
from miasto.modules.contact_centre.forms import QuestionsForm
from miasto.modules.contact_centre.selectors import shown_answer

FRACTIONS = Question(
    key="fraction",
    label="Jakich odpadów nie odebrano?",
    kind="choices",
    required=True,
    choices=(("mixed", "Zmieszane"), ("paper", "Papier"), ("glass", "Szkło")),
)


def test_several_answers_are_kept_together_and_shown_by_their_labels():
    form = QuestionsForm({"q-fraction": ["paper", "glass"]}, questions=[FRACTIONS])
    assert form.is_valid()
    assert form.answers() == {"fraction": "paper,glass"}
    assert shown_answer(FRACTIONS, "paper,glass") == "Papier, Szkło"


def test_what_was_answered_before_is_marked_again():
    drawn = str(QuestionsForm(questions=[FRACTIONS], initial={"fraction": "paper,glass"}))
    assert drawn.count("checked") == 2


def test_no_answer_and_a_wrong_one_are_refused():
    assert not QuestionsForm({}, questions=[FRACTIONS]).is_valid()
    assert not QuestionsForm({"q-fraction": ["moon"]}, questions=[FRACTIONS]).is_valid()

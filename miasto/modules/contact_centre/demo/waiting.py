"""Reports of the last hours that wait on the desk of publication: personal data in words, a plate in the photo."""

from __future__ import annotations

import io
import random
from datetime import timedelta
from typing import Any

from miasto.kernel.accounts.selectors import ANONYMOUS, SYSTEM
from miasto.kernel.cases import selectors
from miasto.kernel.cases.services import Contact, file_case
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.files.services import store_image
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.demo.importing import Named
from miasto.modules.contact_centre.demo.pictures import drawing


def load_waiting(*, seed: int) -> None:
    """File the profile's ``waiting`` reports at places where others reported before, each at its hour."""
    rows = city().toml("demo_reports.toml").get("waiting", ())
    places = list(
        selectors.visible_cases(SYSTEM).exclude(geom=None).order_by("-filed_at").values_list("geom", "address_text")[:50]
    )
    dice = random.Random(f"{seed}-waiting")
    for row in rows:
        point, address = dice.choice(places)
        with clock.at(clock.now() - timedelta(hours=row["hours"])):
            _file(row, (point.x, point.y), address)


def _file(row: dict[str, Any], point: tuple[float, float], address: str) -> None:
    category = selectors.category(KEY, row["category"])
    picture = with_plate(drawing(row["picture"], row["text"]), row["plate"])
    photo = store_image(upload=Named(picture, "rysunek.jpg"), by=ANONYMOUS).file
    answers = {question["key"]: _answer(question) for question in category.questions if question.get("required")}
    file_case(
        case_type=KEY,
        category=category,
        description=row["text"],
        point=point,
        address_text=address,
        answers=answers,
        file_ids=[photo.pk],
        contact=Contact(),
        by=ANONYMOUS,
    )


def _answer(question: dict[str, Any]) -> str:
    return str(question["choices"][0][0]) if question.get("choices") else "true"


def with_plate(picture: bytes, text: str) -> bytes:
    """The drawing with the back of a car and its plate in front."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.open(io.BytesIO(picture)).convert("RGB")
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((470, 330, 790, 590), 40, fill=(96, 104, 112))
    pen.rounded_rectangle((510, 350, 750, 430), 18, fill=(52, 60, 68))
    pen.rectangle((545, 480, 715, 518), fill=(244, 244, 240), outline=(20, 20, 20), width=2)
    pen.rectangle((545, 480, 560, 518), fill=(28, 79, 161))
    pen.text((566, 479), text, font=ImageFont.load_default(33), fill=(16, 16, 16), stroke_width=1)
    for lamp in (486, 744):
        pen.rectangle((lamp, 450, lamp + 30, 480), fill=(150, 40, 40))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()

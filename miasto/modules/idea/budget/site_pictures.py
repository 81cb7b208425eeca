"""Small drawings that stand for photos of a building site in the demo; each says across its lower edge that it is one."""

from __future__ import annotations

import io
import random

from django.core.files.base import ContentFile

SIZE = (640, 480)
GROUND = 300
LABEL = "RYSUNEK POKAZOWY"
SKY, GRASS, EARTH, WOOD, TAPE = (186, 208, 226), (112, 148, 92), (146, 112, 78), (150, 104, 62), (206, 66, 44)


def site(number: int, *, done: bool) -> ContentFile:
    """A square being built, or finished; the same number draws the same trees both times."""
    from PIL import Image, ImageDraw, ImageFont

    dice = random.Random(number)  # noqa: S311 - a drawing
    image = Image.new("RGB", SIZE, SKY)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, GROUND, *SIZE), fill=GRASS if done else EARTH)
    for _tree in range(4):
        x, tall = dice.randrange(40, 600), dice.randrange(90, 170)
        draw.rectangle((x - 6, GROUND - tall // 2, x + 6, GROUND + 20), fill=WOOD)
        draw.ellipse((x - 46, GROUND - tall - 30, x + 46, GROUND - tall // 2), fill=(74, dice.randrange(110, 140), 66))
    draw.polygon([(220, GROUND), (420, GROUND), (600, 480), (40, 480)], fill=(196, 190, 178) if done else (120, 96, 70))
    for x in (90, 250, 410):
        if done:
            draw.rectangle((x, 360, x + 120, 372), fill=WOOD)
            draw.rectangle((x, 332, x + 120, 342), fill=WOOD)
            for leg in (x + 8, x + 106):
                draw.rectangle((leg, 332, leg + 6, 400), fill=(70, 72, 76))
        else:
            draw.rectangle((x, 330, x + 8, 420), fill=(90, 92, 96))
            draw.rectangle((x, 344, x + 168, 356), fill=TAPE)
            draw.rectangle((x + 40, 344, x + 80, 356), fill=(240, 238, 232))
    draw.rectangle((0, SIZE[1] - 36, *SIZE), fill=(29, 29, 31))
    font = ImageFont.load_default(size=20)
    draw.text((SIZE[0] / 2, SIZE[1] - 18), LABEL, font=font, anchor="mm", fill=(246, 196, 69))
    held = io.BytesIO()
    image.save(held, "JPEG", quality=82)
    return ContentFile(held.getvalue(), name="budowa.jpg")

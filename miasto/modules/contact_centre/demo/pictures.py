"""Small drawings that stand for residents' photos. Each says across its lower edge that it is a drawing of the demo."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

SIZE = (800, 600)
HORIZON = 300
LABEL = "RYSUNEK POKAZOWY"  # without letters that Pillow's built-in font lacks
SKIES = {"day": (176, 208, 232), "dull": (188, 194, 200), "dusk": (70, 78, 112), "snow": (206, 214, 224)}
ASPHALT, CONCRETE, GRASS, WOOD, METAL = (92, 94, 98), (172, 170, 164), (104, 142, 84), (140, 98, 62), (118, 124, 130)


class Pen:
    """A canvas with a sky, a row of houses and the ground, and shapes shaken by its dice.

    ``mended`` asks the scenes for the same place after the repair: the same dice draw the same houses.
    """

    def __init__(self, dice: random.Random, sky: str, ground: tuple[int, int, int], *, mended: bool) -> None:
        from PIL import Image, ImageDraw

        self.dice, self.mended = dice, mended
        self.image = Image.new("RGB", SIZE, self.tone(SKIES[sky], 10))
        self.draw: ImageDraw = ImageDraw.Draw(self.image)
        self.houses(sky)
        self.draw.rectangle((0, HORIZON, *SIZE), fill=self.tone(ground, 10))
        for _ in range(500):
            x, y = dice.randrange(SIZE[0]), dice.randrange(HORIZON, SIZE[1])
            self.draw.ellipse((x, y, x + 3, y + 2), fill=self.tone(ground, 18))

    def tone(self, colour: tuple[int, int, int], by: int) -> tuple[int, int, int]:
        shift = self.dice.randint(-by, by)
        return tuple(max(0, min(255, part + shift)) for part in colour)

    def houses(self, sky: str) -> None:
        x = -40
        light = (246, 214, 120) if sky == "dusk" else (210, 222, 232)
        while x < SIZE[0]:
            width, height = self.dice.randrange(90, 190), self.dice.randrange(90, 220)
            self.draw.rectangle((x, HORIZON - height, x + width, HORIZON), fill=self.tone((196, 178, 152), 30))
            for row in range(HORIZON - height + 16, HORIZON - 26, 36):
                for column in range(x + 14, x + width - 20, 34):
                    pane = light if self.dice.random() < 0.7 else (90, 100, 112)
                    self.draw.rectangle((column, row, column + 16, row + 20), fill=pane)
            x += width + self.dice.randrange(6, 60)

    def blot(self, x: int, y: int, rx: int, ry: int, colour: tuple[int, int, int]) -> None:
        """An uneven oval around a point."""
        points = []
        for step in range(22):
            angle, reach = step / 22 * 2 * math.pi, self.dice.uniform(0.75, 1.15)
            points.append((x + rx * reach * math.cos(angle), y + ry * reach * math.sin(angle)))
        self.draw.polygon(points, fill=colour)

    def finish(self) -> bytes:
        """JPEG bytes with the label."""
        from PIL import ImageFont

        self.draw.rectangle((0, SIZE[1] - 46, *SIZE), fill=(29, 29, 31))
        font = ImageFont.load_default(size=26)
        self.draw.text((SIZE[0] / 2, SIZE[1] - 23), LABEL, font=font, anchor="mm", fill=(246, 196, 69))
        held = io.BytesIO()
        self.image.save(held, "JPEG", quality=82)
        return held.getvalue()


def _hole(pen: Pen, dark: tuple[int, int, int] = (38, 38, 42)) -> None:
    x, y = pen.dice.randrange(260, 540), pen.dice.randrange(390, 480)
    rx = pen.dice.randrange(90, 170)
    pen.blot(x, y, rx + 18, rx // 3 + 10, (122, 120, 116))
    pen.blot(x, y, rx, rx // 3, dark)
    for _ in range(14):
        pen.blot(x + pen.dice.randint(-rx, rx), y + pen.dice.randint(-50, 50), 9, 5, (140, 138, 132))


def _lines(pen: Pen) -> None:
    for x in range(40, SIZE[0], 200):
        pen.draw.polygon([(x, 500), (x + 90, 500), (x + 80, 516), (x - 12, 516)], fill=(226, 226, 222))


def pothole(pen: Pen) -> None:
    _lines(pen)
    if not pen.mended:
        _hole(pen)
        return
    x = pen.dice.randrange(240, 460)
    pen.draw.polygon([(x, 400), (x + 210, 400), (x + 240, 470), (x - 30, 470)], fill=(58, 60, 64))
    pen.draw.polygon([(x + 290, 490), (x + 316, 400), (x + 342, 490)], fill=(236, 110, 40))
    pen.draw.rectangle((x + 298, 440, x + 334, 456), fill=(245, 245, 245))


def manhole(pen: Pen) -> None:
    x, y = pen.dice.randrange(300, 500), 440
    pen.draw.ellipse((x - 120, y - 46, x + 120, y + 46), fill=METAL)
    if pen.mended:
        pen.draw.ellipse((x - 104, y - 38, x + 104, y + 38), fill=(96, 100, 106), outline=(70, 74, 78), width=5)
        return
    pen.draw.ellipse((x - 104, y - 38, x + 104, y + 38), fill=(18, 18, 20))
    pen.draw.ellipse((x + 90, y + 24, x + 300, y + 84), fill=pen.tone(METAL, 20), outline=(70, 74, 78), width=6)


def pavement(pen: Pen) -> None:
    for row in range(HORIZON, SIZE[1], 50):
        for column in range(-40 + (row // 50 % 2) * 40, SIZE[0], 80):
            tilt = 0 if pen.mended else pen.dice.choice((0, 0, 0, 0, 9))
            pen.draw.polygon(
                [(column, row + tilt), (column + 76, row - tilt), (column + 76, row + 46), (column, row + 46 + tilt)],
                fill=pen.tone(CONCRETE, 16),
            )
    if not pen.mended:
        pen.blot(pen.dice.randrange(250, 550), 450, 80, 40, (112, 96, 74))


def lamp(pen: Pen) -> None:
    x = pen.dice.randrange(260, 540)
    lean = 0 if pen.mended else pen.dice.randint(-40, 40)
    if pen.mended:
        pen.draw.polygon([(x + 130, 100), (x + 300, 560), (x - 40, 560)], fill=(126, 118, 96))
    pen.draw.line((x, 560, x + lean, 110), fill=(60, 64, 70), width=14)
    pen.draw.line((x + lean, 112, x + lean + 110, 92), fill=(60, 64, 70), width=9)
    pen.draw.ellipse((x + lean + 92, 80, x + lean + 168, 112), fill=(250, 232, 170) if pen.mended else (44, 46, 50))


def sign(pen: Pen) -> None:
    x, lean = pen.dice.randrange(280, 520), 0 if pen.mended else pen.dice.randint(-90, 90)
    pen.draw.line((x, 560, x + lean, 200), fill=METAL, width=13)
    x += lean
    pen.draw.polygon([(x, 120), (x + 100, 290), (x - 100, 290)], fill=(196, 30, 40))
    pen.draw.polygon([(x, 158), (x + 68, 274), (x - 68, 274)], fill=(246, 228, 150))


def bin_(pen: Pen) -> None:
    x = pen.dice.randrange(260, 480)
    pen.draw.rectangle((x, 330, x + 130, 530), fill=pen.tone((70, 96, 78), 14))
    pen.draw.rectangle((x - 10, 318, x + 140, 340), fill=(48, 62, 52))
    for _ in range(0 if pen.mended else 26):
        pen.blot(x + pen.dice.randint(-110, 240), pen.dice.randint(290, 540), 24, 16, pen.tone((190, 186, 180), 60))


def dump(pen: Pen) -> None:
    for _ in range(0 if pen.mended else 60):
        x = pen.dice.gauss(400, 130)
        colour = pen.dice.choice([(150, 148, 144), (60, 60, 62), (160, 120, 84), (86, 110, 150), (200, 196, 188)])
        pen.blot(int(x), int(pen.dice.uniform(360 + abs(x - 400) * 0.35, 530)), 40, 22, pen.tone(colour, 20))


def tree(pen: Pen) -> None:
    x, lean = pen.dice.randrange(250, 550), 0 if pen.mended else pen.dice.randint(-110, 110)
    pen.draw.line((x, 540, x + lean, 190), fill=WOOD, width=40)
    for _ in range(16):
        pen.blot(x + lean + pen.dice.randint(-130, 130), 170 + pen.dice.randint(-90, 100), 62, 46, pen.tone((86, 128, 66), 26))
    if not pen.mended:
        pen.draw.line((x + lean, 240, x + lean + 190, 420), fill=WOOD, width=18)


def bench(pen: Pen) -> None:
    x = pen.dice.randrange(180, 320)
    for number, y in enumerate((350, 376, 402, 440, 462)):
        if pen.mended or number != pen.dice.randrange(5):
            pen.draw.rectangle((x, y, x + 340, y + 15), fill=pen.tone(WOOD, 18))
    for leg in (x + 30, x + 290):
        pen.draw.rectangle((leg, 350, leg + 16, 540), fill=METAL)


def swing(pen: Pen) -> None:
    x = pen.dice.randrange(200, 300)
    pen.draw.line((x, 540, x + 80, 190, x + 360, 190, x + 440, 540), fill=(190, 54, 46), width=16)
    pen.draw.line((x + 160, 190, x + 150, 440), fill=METAL, width=6)
    if pen.mended:
        pen.draw.line((x + 240, 190, x + 250, 440), fill=METAL, width=6)
        pen.draw.rectangle((x + 140, 438, x + 260, 456), fill=(48, 50, 54))
        return
    pen.draw.line((x + 260, 190, x + 210, 380), fill=METAL, width=6)
    pen.draw.polygon([(x + 140, 440), (x + 220, 384), (x + 232, 398), (x + 152, 456)], fill=(48, 50, 54))


def stop(pen: Pen) -> None:
    x = pen.dice.randrange(160, 280)
    pen.draw.rectangle((x, 200, x + 420, 226), fill=(70, 78, 88))
    for pane in range(3):
        left = x + 12 + pane * 136
        pen.draw.rectangle((left, 226, left + 124, 480), outline=METAL, width=6, fill=pen.tone((186, 206, 214), 8))
    if pen.mended:
        return
    centre = (x + pen.dice.randrange(80, 340), pen.dice.randrange(280, 420))
    for ray in range(14):
        angle = ray / 14 * 2 * math.pi
        reach = pen.dice.randrange(30, 80)
        end = (centre[0] + reach * math.cos(angle), centre[1] + reach * math.sin(angle))
        pen.draw.line((*centre, *end), fill=(245, 245, 245), width=3)


def water(pen: Pen) -> None:
    if pen.mended:
        return
    for _ in range(7):
        pen.blot(pen.dice.randrange(160, 640), pen.dice.randrange(380, 530), 150, 34, pen.tone((126, 152, 172), 12))
    x = pen.dice.randrange(300, 500)
    for _ in range(30):
        pen.draw.line((x, 420, x + pen.dice.randint(-70, 70), pen.dice.randint(330, 410)), fill=(222, 234, 242), width=3)


def smoke(pen: Pen) -> None:
    x = pen.dice.randrange(280, 500)
    pen.draw.rectangle((x, 170, x + 46, 300), fill=(140, 78, 62))
    for step in range(2 if pen.mended else 34):
        grey = 58 + step * 2
        across, up = x + 20 + step * 9 + pen.dice.randint(-20, 20), 160 - step * 4 + pen.dice.randint(-14, 14)
        pen.blot(across, up, 34 + step, 24 + step // 2, (grey, grey, grey))


def car(pen: Pen) -> None:
    if pen.mended:
        return
    x = pen.dice.randrange(160, 320)
    colour = pen.tone(pen.dice.choice([(150, 40, 44), (60, 84, 120), (120, 124, 128), (214, 212, 204)]), 12)
    pen.draw.rounded_rectangle((x, 400, x + 380, 490), 26, fill=colour)
    pen.draw.polygon([(x + 70, 402), (x + 120, 336), (x + 270, 336), (x + 320, 402)], fill=colour)
    pen.draw.polygon([(x + 92, 400), (x + 130, 346), (x + 260, 346), (x + 296, 400)], fill=(60, 70, 80))
    for wheel in (x + 60, x + 264):
        pen.draw.ellipse((wheel, 450, wheel + 70, 520), fill=(28, 28, 30), outline=(150, 152, 156), width=8)


def graffiti(pen: Pen) -> None:
    pen.draw.rectangle((60, 130, 740, 470), fill=pen.tone((206, 190, 166), 12))
    if pen.mended:
        return
    colour = pen.dice.choice([(180, 30, 60), (40, 80, 160), (30, 120, 70), (20, 20, 24)])
    points = [(140, 300)]
    while points[-1][0] < 640:
        points.append((points[-1][0] + pen.dice.randrange(20, 60), pen.dice.randrange(190, 420)))
    pen.draw.line(points, fill=colour, width=22, joint="curve")


def animal(pen: Pen) -> None:
    if pen.mended:
        return
    x, fur = pen.dice.randrange(260, 420), pen.tone(pen.dice.choice([(120, 84, 56), (90, 88, 86), (176, 120, 70)]), 16)
    pen.draw.ellipse((x, 400, x + 190, 490), fill=fur)
    pen.draw.ellipse((x + 160, 370, x + 240, 440), fill=fur)
    pen.draw.polygon([(x + 180, 378), (x + 192, 336), (x + 210, 374)], fill=fur)
    for leg in (x + 30, x + 60, x + 130, x + 160):
        pen.draw.line((leg, 470, leg, 536), fill=fur, width=14)


def building(pen: Pen) -> None:
    pen.draw.rectangle((150, 70, 650, 560), fill=pen.tone((202, 184, 158), 12))
    for row in range(110, 480, 110):
        for column in range(200, 600, 110):
            pen.draw.rectangle((column, row, column + 56, row + 70), fill=(84, 98, 112))
    for _ in range(0 if pen.mended else 6):
        pen.blot(pen.dice.randrange(190, 610), pen.dice.randrange(100, 520), 46, 34, (150, 96, 74))


def snow(pen: Pen) -> None:
    if pen.mended:
        pen.draw.polygon([(300, HORIZON), (500, HORIZON), (720, 560), (80, 560)], fill=ASPHALT)
    for _ in range(0 if pen.mended else 9):
        pen.blot(pen.dice.randrange(0, 800), pen.dice.randrange(340, 540), 190, 40, pen.tone((238, 242, 248), 8))
    for _ in range(160):
        x, y = pen.dice.randrange(SIZE[0]), pen.dice.randrange(SIZE[1])
        pen.draw.ellipse((x, y, x + 5, y + 5), fill=(252, 253, 255))


# Picture of the profile's table -> (what is drawn, sky, ground).
SCENES: dict[str, tuple[Callable[[Pen], None], str, tuple[int, int, int]]] = {
    "animal": (animal, "day", GRASS), "bench": (bench, "day", GRASS), "bin": (bin_, "dull", CONCRETE),
    "building": (building, "day", CONCRETE), "car": (car, "dull", CONCRETE), "dump": (dump, "day", GRASS),
    "graffiti": (graffiti, "dull", CONCRETE), "lamp": (lamp, "dusk", ASPHALT), "manhole": (manhole, "dull", ASPHALT),
    "pavement": (pavement, "day", CONCRETE), "pothole": (pothole, "dull", ASPHALT), "sign": (sign, "day", ASPHALT),
    "smoke": (smoke, "dusk", (96, 104, 92)), "snow": (snow, "snow", (226, 232, 240)), "stop": (stop, "dull", CONCRETE),
    "swing": (swing, "day", (206, 186, 140)), "tree": (tree, "day", GRASS), "water": (water, "dull", ASPHALT),
}  # fmt: skip


def drawing(name: str, seed: str, *, mended: bool = False) -> bytes:
    """A JPEG of 800 by 600 pixels: a scene of the table, broken or after the repair. The same arguments give the same bytes."""
    dice = random.Random(f"{name}-{seed}")
    scene, sky, ground = SCENES.get(name) or (pothole, "day", ASPHALT)
    pen = Pen(dice, sky, ground, mended=mended)
    scene(pen)
    return pen.finish()

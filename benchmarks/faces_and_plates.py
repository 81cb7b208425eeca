"""What the finders of faces and plates find, beside the cascades of OpenCV: benchmarks/faces_and_plates.py [picture:faces …]

Plates are drawn here (white, yellow; 1 line; turned, blurred, noisy, 45 to 260 pixels wide) onto photos of the shared data
and the pictures named in the command. Faces are counted in those: ``picture.png:3`` shows three. Nothing is downloaded.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from time import process_time

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from miasto.kernel.files import sensitive

DATA = Path(os.environ.get("MIASTO_DATA") or Path(__file__).resolve().parents[2] / "shared" / "data") / "media"
FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed-Bold.ttf"
PLATES = 60


def drawn_plate(rng: np.random.Generator) -> np.ndarray:
    """A plate 520 x 114 as the regulation has it (proportions), with a blue field."""
    text = "".join(rng.choice(list("TKRWSP"), 2)) + " " + "".join(rng.choice(list("0123456789ACEFGHJKL"), 5))
    ground = [(245, 245, 245), (245, 245, 245), (250, 205, 40)][rng.integers(3)]
    picture = Image.new("RGB", (520, 114), ground)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, 44, 114), fill=(20, 60, 160))
    pen.rectangle((0, 0, 519, 113), outline=(20, 20, 20), width=4)
    pen.text((62, 4), text, font=ImageFont.truetype(FONT, 88), fill=(15, 15, 15))
    return cv2.cvtColor(np.asarray(picture), cv2.COLOR_RGB2BGR)


def with_plate(ground: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    """The ground with one plate, and where it is."""
    scale = 1280 / max(ground.shape[:2])
    ground = cv2.resize(ground, None, fx=scale, fy=scale)
    height, width = ground.shape[:2]
    wide = int(rng.integers(45, 260))
    high = int(wide * 114 / 520 * rng.uniform(0.9, 1.3))
    x, y = int(rng.integers(10, width - wide - 60)), int(rng.integers(10, height - high - 60))
    lean, turn = rng.uniform(-0.18, 0.18, 2) * wide
    corners = np.float32([[x, y], [x + wide, y + lean], [x + wide, y + high + lean], [x + turn * 0.1, y + high]])
    plate = drawn_plate(rng)
    matrix = cv2.getPerspectiveTransform(np.float32([[0, 0], [520, 0], [520, 114], [0, 114]]), corners)
    warped = cv2.warpPerspective(plate, matrix, (width, height), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full(plate.shape[:2], 255, np.uint8), matrix, (width, height))
    car = ground.copy()
    cv2.rectangle(
        car, (x - wide // 3, y - high), (x + wide + wide // 3, y + 2 * high), tuple(map(int, rng.integers(20, 120, 3))), -1
    )
    light = rng.uniform(0.55, 1.0)
    car[mask > 128] = (warped[mask > 128] * light).astype(np.uint8)
    car = cv2.GaussianBlur(car, (0, 0), float(rng.uniform(0.4, 1.4)))
    noisy = np.clip(car.astype(np.int16) + rng.normal(0, rng.uniform(0, 9), car.shape), 0, 255).astype(np.uint8)
    return noisy, (int(corners[:, 0].min()), int(corners[:, 1].min()), int(np.ptp(corners[:, 0])), int(np.ptp(corners[:, 1])))


def covered(box: tuple[int, int, int, int], found: list[tuple[int, int, int, int]]) -> bool:
    """Whether one finding hides at least 80 % of the box."""
    x, y, w, h = box
    for a, b, c, d in found:
        wide, high = min(x + w, a + c) - max(x, a), min(y + h, b + d) - max(y, b)
        if wide > 0 and high > 0 and wide * high >= 0.8 * w * h:
            return True
    return False


def cascade(name: str) -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(cv2.data.haarcascades + name)


def plates(grounds: list[np.ndarray]) -> None:
    """Recall on drawn plates and false findings for a picture."""
    rng = np.random.default_rng(7)
    haar = cascade("haarcascade_russian_plate_number.xml")
    ways = {
        "text detector": lambda image: [(b.x, b.y, b.w, b.h) for b in sensitive.number_plates(image)],
        "cascade (plate)": lambda image: [
            tuple(row) for row in haar.detectMultiScale(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), 1.08, 3)
        ],
    }
    made = [with_plate(grounds[number % len(grounds)], rng) for number in range(PLATES)]
    print(f"\n| plates ({PLATES} drawn on {len(grounds)} photos) | found | other boxes a picture | CPU ms |\n|---|---|---|---|")
    for name, way in ways.items():
        start, hit, other = process_time(), 0, 0
        for image, box in made:
            found = way(image)
            hit += covered(box, found)
            other += len(found) - covered(box, found)
        print(f"| {name} | {hit / PLATES:.0%} | {other / PLATES:.1f} | {(process_time() - start) / PLATES * 1000:.0f} |")


def faces(named: list[tuple[Path, int]]) -> None:
    """Found faces and false ones in named pictures."""
    front, side = cascade("haarcascade_frontalface_alt2.xml"), cascade("haarcascade_profileface.xml")

    def both(image: np.ndarray) -> int:
        grey = cv2.equalizeHist(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
        return sum(len(one.detectMultiScale(grey, 1.1, 4, minSize=(20, 20))) for one in (front, side))

    print("\n| picture | faces | CenterFace | cascades |\n|---|---|---|---|")
    for path, count in named:
        image = cv2.imread(str(path))
        print(f"| {path.name} | {count} | {len(sensitive.faces(image))} | {both(image)} |")


def main() -> None:
    named = [(Path(one.rsplit(":", 1)[0]), int(one.rsplit(":", 1)[1])) for one in sys.argv[1:]]
    cv2.setNumThreads(1)
    grounds = [
        image for path in sorted(DATA.glob("detector_fastestdet/data/*.jpg")) if (image := cv2.imread(str(path))) is not None
    ]
    grounds += [image for path, _count in named if (image := cv2.imread(str(path))) is not None]
    plates(grounds)
    faces(named)


if __name__ == "__main__":
    main()

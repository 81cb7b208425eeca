"""Photos for tests, made here: with a place in their EXIF where asked."""

from io import BytesIO
from pathlib import Path

from PIL import ExifTags, Image, ImageDraw


def photo(folder: Path, name: str = "dziura.jpg", *, position: tuple[float, float] | None = None) -> Path:
    """A JPEG file; ``position`` is (longitude, latitude) as a phone writes it."""
    image = Image.new("RGB", (800, 600), "#7a7f85")
    ImageDraw.Draw(image).ellipse((260, 220, 560, 420), fill="#2b2622")
    exif = image.getexif()
    exif[ExifTags.Base.Model] = "Telefon Kanarka"
    if position:
        gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
        for key, ref, letters, value in ((4, 3, "EW", position[0]), (2, 1, "NS", position[1])):
            degrees = abs(value)
            minutes = (degrees % 1) * 60
            gps[ref] = letters[0] if value >= 0 else letters[1]
            gps[key] = (int(degrees), int(minutes), round((minutes % 1) * 60, 4))
    buffer = BytesIO()
    image.save(buffer, "JPEG", exif=exif)
    path = folder / name
    path.write_bytes(buffer.getvalue())
    return path

import pytest


@pytest.fixture(autouse=True)
def archive_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MIASTO_ARCHIVE", str(tmp_path / "archive"))
    return tmp_path / "archive"

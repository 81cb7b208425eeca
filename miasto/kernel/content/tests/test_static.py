"""The editor's static files can be collected with digests, as ``run`` collects them."""

from django.core.management import call_command


def test_static_files_with_wagtails_among_them_are_collected(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    }
    call_command("collectstatic", "--noinput", "--verbosity=0")
    assert list(tmp_path.glob("wagtailadmin/css/core.*.css"))
    assert (tmp_path / "staticfiles.json").exists()

"""Jobs of imports; a person waits for them."""

from miasto.kernel.core.jobs import job, periodic


@job(name="observations.check_file", heavy=True, awaited=True, retry=False)
def check_file(*, import_id: str) -> None:
    """Read a whole file; a failure stands in the import's row."""
    from miasto.kernel.observations.importing import running
    from miasto.kernel.observations.importing.models import FileImport

    for one in FileImport.objects.filter(pk=import_id, state=FileImport.State.CHECKING):
        running.check(one)


@job(name="observations.write_file", heavy=True, awaited=True, retry=False)
def write_file(*, import_id: str) -> None:
    """Write what was checked and confirmed; a failure stands in the import's row."""
    from miasto.kernel.observations.importing import running
    from miasto.kernel.observations.importing.models import FileImport

    for one in FileImport.objects.filter(pk=import_id, state=FileImport.State.WRITING).select_related("profile"):
        running.write(one)


@job(name="observations.undo_file", heavy=True, awaited=True, retry=False)
def undo_file(*, import_id: str) -> None:
    """Take back what a file brought; a failure stands in the import's row."""
    from miasto.kernel.observations.importing import undoing
    from miasto.kernel.observations.importing.models import FileImport

    for one in FileImport.objects.filter(pk=import_id, state=FileImport.State.UNDOING):
        undoing.carry_out(one)


@periodic(name="observations.resume_imports", cron="* * * * *")
def resume_imports() -> None:
    """Take up what was broken off by a kill."""
    from miasto.kernel.observations.importing import running

    running.resume()


@periodic(name="observations.forget_imports", cron="35 3 * * *")
def forget_imports() -> None:
    """Delete the files of old imports."""
    from miasto.kernel.observations.importing import running

    running.forget_old()

from config.celery import TIMETABLE, app


def test_everything_in_the_timetable_exists() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in TIMETABLE.values()} <= set(app.tasks)

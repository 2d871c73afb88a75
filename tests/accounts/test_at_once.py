"""Operations of a migration that are done at once."""

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState

from accounts.at_once import AtOnce

TWO_TABLES = AtOnce(
    [
        migrations.CreateModel("Trunk", [("id", models.BigAutoField(primary_key=True))]),
        migrations.CreateModel(
            "Branch",
            [
                ("id", models.BigAutoField(primary_key=True)),
                ("trunk", models.ForeignKey("tree.Trunk", models.CASCADE, related_name="branches")),
            ],
        ),
    ]
)


def _tables() -> set[str]:
    return {name for name in connection.introspection.table_names() if name.startswith("tree_")}


@pytest.mark.django_db
def test_what_is_done_at_once_is_there_and_can_be_taken_back() -> None:
    before, after = ProjectState(), ProjectState()
    TWO_TABLES.state_forwards("tree", after)
    with connection.schema_editor() as editor:
        TWO_TABLES.database_forwards("tree", editor, before, after)
    assert _tables() == {"tree_trunk", "tree_branch"}
    with connection.cursor() as cursor:
        assert "trunk_id" in connection.introspection.get_relations(cursor, "tree_branch")
    with connection.schema_editor() as editor:
        TWO_TABLES.database_backwards("tree", editor, after, before)
    assert _tables() == set()


def test_the_classes_of_the_models_are_built_once_for_all() -> None:
    state = ProjectState()
    assert state.apps  # as Django has them before it begins
    TWO_TABLES.state_forwards("tree", state)
    assert "apps" not in state.__dict__
    assert state.apps.get_model("tree", "branch")._meta.get_field("trunk").related_model._meta.label == "tree.Trunk"

import re

from tests.config.processes import ROOT


def variables_read() -> set[str]:
    source = (ROOT / "config" / "settings.py").read_text()
    return set(re.findall(r"env\.\w+\(\s*\"(\w+)\"", source))


def test_the_readme_has_every_variable_and_no_other() -> None:
    table = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert sorted(table) == sorted(variables_read())


def test_the_example_of_an_environment_has_every_variable() -> None:
    example = set(re.findall(r"^(?:# )?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert example | {"ENV_FILE"} == variables_read()

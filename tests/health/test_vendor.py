"""The browser files of others: what is served is what was reviewed, and it asks nobody else for anything."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from health.management.commands.vendor import ICONS, MANIFEST, PACKAGES, VENDOR
from health.stylesheet import subset

TEMPLATES = Path(settings.BASE_DIR) / "templates"
NAMED = {"@tabler/core": "MIT", "@fontsource-variable/inter": "OFL-1.1", "@tabler/icons": "MIT"}


def test_the_files_are_those_of_the_manifest() -> None:
    listed = {
        path: digest
        for package in tomllib.loads(MANIFEST.read_text())["package"]
        for path, digest in package["files"].items()
    }
    there = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path != MANIFEST
    }
    assert there == listed


def test_the_manifest_names_each_package_with_version_license_and_hash() -> None:
    listed = tomllib.loads(MANIFEST.read_text())["package"]
    assert {package["name"]: package["license"] for package in listed} == NAMED
    assert [(p.name, p.version, p.integrity) for p in PACKAGES] == [
        (p["name"], p["version"], p["integrity"]) for p in listed
    ]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)
def test_each_package_brings_its_license(package: object) -> None:
    folder = next(iter(package.files)).split("/")[0]  # type: ignore[attr-defined]
    assert (VENDOR / folder / "LICENSE").stat().st_size > 500


def test_no_file_points_to_another_host_or_a_source_map() -> None:
    for path in [path for path in VENDOR.parent.rglob("*") if path.suffix in {".css", ".js"}]:
        text = path.read_text()
        assert "sourceMappingURL" not in text
        assert not re.search(r"url\([\"']?(https?:)?//", text), path
        assert "@import" not in text


def test_every_icon_of_a_template_is_there_and_every_icon_there_is_used() -> None:
    named = {
        name for path in TEMPLATES.rglob("*.html") for name in re.findall(r"{% icon \"([\w-]+)\" %}", path.read_text())
    }
    assert named == set(ICONS)


def test_only_tokens_name_colors() -> None:
    for name in ("frame.css", "parts.css"):
        text = (VENDOR.parent / "verdant" / name).read_text()
        assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", text)) <= {"#fff"}  # paper behind a QR code


def test_a_stylesheet_is_cut_to_the_classes_in_use() -> None:
    css = """@charset "UTF-8";/*! License */ :root{--used:1px;--unused:2px;--chain:var(--unused)}
    @media (max-width:5px){.kept,.gone{margin:var(--used)}.gone .kept{x:y}} .gone{a:b} a:is(.kept,.gone),p>.kept{c:"}"}
    @keyframes spin{0%{e:f}100%{e:g}} @font-face{src:url(x)} [data-vc=day]{h:i}"""
    assert subset(css, frozenset({"kept"})).split("\n") == [
        "/*! License */",
        '@charset "UTF-8";:root{--used:1px;}@media (max-width:5px){.kept{margin:var(--used)}}p>.kept{c:"}"}',
        "",
    ]

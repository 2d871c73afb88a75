"""`manage.py vendor`: fetch the browser files that Verdant serves itself, and write down what they are.

Run by a developer when a version below changes; needs `npm` on that machine, never on a server. Each package is
named with version and integrity hash, so the result is the same wherever the tarball came from.
"""

import base64
import hashlib
import re
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from health.stylesheet import subset

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
MANIFEST = VENDOR / "vendor.toml"


@dataclass(frozen=True, eq=False)
class Package:
    """One npm package: which of its files are kept, and under which name."""

    name: str
    version: str
    license: str
    integrity: str
    files: dict[str, str]
    license_text: str = ""


ICONS = (
    "alert-circle arrows-exchange bell check checkbox chevron-left chevron-right clock database dots download "
    "file-text hand-stop heartbeat help-circle history home info-circle keyboard link logout mail menu-2 message note "
    "password phone plus printer search server-2 settings shield-lock ticket user user-x users x"
).split()

# Tabler's package carries no LICENSE file, and the MIT license asks for its text.
MIT = """The MIT License (MIT)

Copyright (c) 2018-2026 The Tabler Authors
Copyright (c) 2011-2026 The Bootstrap Authors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

PACKAGES = (
    Package(
        name="@tabler/core",
        version="1.6.1",
        license="MIT",
        integrity="sha512-lgmR9gcxRp5JlLxcmRi9Rz85JrEvH6Bz71KnlcPVSa97wtwQNjgSs3g3fxwbAlulHyRMghhIV04QUuW3pqDsIg==",
        files={"tabler/tabler.css": "dist/css/tabler.min.css"},
        license_text=MIT,
    ),
    Package(
        name="@fontsource-variable/inter",
        version="5.3.0",
        license="OFL-1.1",
        integrity="sha512-OupL48va4JNofb97w6NYeF9S7W/kHNKM0Er8Dem5nqi4jeOLrVJDoE8tZEpnMJmtkvNbB1EIPPwHcdkF6b1oUA==",
        files={
            "inter/LICENSE": "LICENSE",
            "inter/inter-latin.woff2": "files/inter-latin-wght-normal.woff2",
            "inter/inter-latin-ext.woff2": "files/inter-latin-ext-wght-normal.woff2",
        },
    ),
    Package(
        name="@tabler/icons",
        version="3.51.0",
        license="MIT",
        integrity="sha512-0pinvPZz7YeX+OSfxuEAbnEPWbocVXW5iU8h5lh41pYG8sZuQfpWECC980lxOT0clGIcNGn8xsBr+zKaRGdA/g==",
        files={"icons/LICENSE": "LICENSE"} | {f"icons/{name}.svg": f"icons/outline/{name}.svg" for name in ICONS},
    ),
)

# What the templates use of Tabler; every rule that needs another class is left out of the file.
TABLER_CLASSES = frozenset(
    "active btn btn-icon btn-link btn-primary btn-sm disabled form-check form-check-input form-check-label form-control "
    "form-hint form-label form-select icon invalid-feedback is-invalid list-unstyled table text-truncate "
    "visually-hidden visually-hidden-focusable".split()
)


class Command(BaseCommand):
    help = "Fetch the vendored browser files with npm, check their integrity and write vendor.toml."

    def handle(self, *args: Any, **options: Any) -> None:
        """Replace everything under static/vendor by what the packages above hold."""
        written: dict[Package, dict[str, bytes]] = {package: contents(package) for package in PACKAGES}
        for files in written.values():
            for path, content in files.items():
                (VENDOR / path).parent.mkdir(parents=True, exist_ok=True)
                (VENDOR / path).write_bytes(content)
        kept = {VENDOR / path for files in written.values() for path in files} | {MANIFEST}
        for old in [path for path in VENDOR.rglob("*") if path.is_file() and path not in kept]:
            old.unlink()
        MANIFEST.write_text(manifest(written))
        self.stdout.write(f"{len(kept) - 1} files of {len(PACKAGES)} packages.")


def contents(package: Package) -> dict[str, bytes]:
    """The kept files of one package, ready to be served."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fetch(package, Path(folder))) as tarball:
            files = {path: member(tarball, name) for path, name in package.files.items()}
    files = {path: cleaned(path, content) for path, content in files.items()}
    if package.license_text:
        files[f"{next(iter(files)).split('/')[0]}/LICENSE"] = package.license_text.encode()
    return files


def fetch(package: Package, folder: Path) -> Path:
    """Let npm bring the tarball. Raises CommandError when it isn't the one that was reviewed."""
    command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise CommandError(f"npm could not fetch {package.name}@{package.version}: {done.stderr.strip()}")
    tarball = next(folder.glob("*.tgz"))
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != package.integrity:
        raise CommandError(f"{package.name}@{package.version} has the hash sha512-{digest}, not {package.integrity}.")
    return tarball


def member(tarball: tarfile.TarFile, name: str) -> bytes:
    """One file out of an npm tarball, where everything lies under package/."""
    reader = tarball.extractfile(f"package/{name}")
    if reader is None:
        raise CommandError(f"{name} is not a file.")
    return reader.read()


def cleaned(path: str, content: bytes) -> bytes:
    """Without source maps, which would be asked for and not be there; stylesheets without what is never used."""
    if not path.endswith((".css", ".js")):
        return content
    text = re.sub(r"/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S*", "", content.decode())
    return subset(text, TABLER_CLASSES).encode() if path.endswith(".css") else text.encode()


def manifest(written: dict[Package, dict[str, bytes]]) -> str:
    """What is there, from where, under which license; a test compares the files with it."""
    lines = ["# Written by `manage.py vendor`. Hashes of files are SHA-256 of what is served."]
    for package, files in written.items():
        lines += ["", "[[package]]", f'name = "{package.name}"', f'version = "{package.version}"']
        lines += [f'license = "{package.license}"', f'integrity = "{package.integrity}"', "[package.files]"]
        lines += [f'"{path}" = "{hashlib.sha256(content).hexdigest()}"' for path, content in sorted(files.items())]
    return "\n".join(lines) + "\n"

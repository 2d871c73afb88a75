import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.processes import processes_of, wait_until


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder for embedded servers, which must have ended by the end of the test.

    Not pytest's own: root's servers run as another user, who may not enter that.
    """
    folder = Path(tempfile.mkdtemp(prefix="verdant-test-"))
    folder.chmod(0o711)
    yield folder
    ended = wait_until(lambda: not processes_of(folder), seconds=20)
    left = processes_of(folder)
    shutil.rmtree(folder, ignore_errors=True)
    assert ended, left

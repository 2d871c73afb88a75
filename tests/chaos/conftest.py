"""What tests that kill programs use."""

from tests.config.conftest import data_dir

__all__ = ["data_dir"]

"""The golden files and generated documents are current: `make golden` would change nothing."""

import pytest

from tests.golden_files import GOLDEN, ROOT, files

FILES = files()


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_golden_file_is_current(path):
    assert (ROOT / path).read_text(encoding="utf-8") == FILES[path], "run `make golden` and look at the difference"


def test_no_golden_file_is_left_over():
    kept = {path for path in (ROOT / GOLDEN).rglob("*") if path.is_file()}
    assert kept == {ROOT / path for path in FILES if GOLDEN in path.parents}

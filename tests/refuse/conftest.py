# SPDX-License-Identifier: Apache-2.0
"""The accepted table of base.dtsi, for the tests that spoil or read what becomes of it."""
import pytest

from harness import compile_tree, make_image


@pytest.fixture
def base(tmp_path):
    """The accepted table, compiled, with its image: to be spoilt."""
    (tmp_path / "images").mkdir()
    make_image("", tmp_path / "images")
    compile_tree("tests/refuse/accepted-base.dts", tmp_path)
    return tmp_path

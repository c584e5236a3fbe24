"""Git LFS pointers and the patterns of .gitattributes."""

from __future__ import annotations

import pytest

from mllint.readers.git import POINTER_SIZES, pointed_size, routes_through_lfs

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 9000\n"


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (POINTER, 9000),
        (POINTER.replace(b"oid", b"ext-0-x sha256:" + b"1" * 64 + b"\noid"), 9000),
        (POINTER.replace(b"size 9000", b"size 0"), 0),
        (POINTER.replace(b"size 9000\n", b""), None),
        (b"x" + POINTER, None),
        (POINTER.replace(b"https://git-lfs.github.com", b"https://example.org"), None),
        (b"", None),
    ],
)
def test_pointer(data: bytes, size: int | None) -> None:
    assert pointed_size(data) == size


def test_pointers_have_the_size_of_pointers() -> None:
    assert len(POINTER) in POINTER_SIZES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"*.pt filter=lfs diff=lfs merge=lfs -text\n", True),
        (b"*.py text\n*.bin filter=lfs", True),
        (b"# *.pt filter=lfs\n", False),
        (b"*.pt -filter\n", False),
        (b"filter=lfs text\n", False),
        (b"", False),
    ],
)
def test_attributes(text: bytes, expected: bool) -> None:
    assert routes_through_lfs(text) is expected

"""An action that waits for another process or for the disk, run beside what computes."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class Beside(Generic[_T]):
    """An action in a thread of its own, started at once; left only when it has ended."""

    def __init__(self, action: Callable[[], _T]) -> None:
        self._action = action
        self._found: list[_T] = []
        self._raised: BaseException | None = None
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Beside[_T]:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _run(self) -> None:
        try:
            self._found.append(self._action())
        except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
            self._raised = error

    def result(self) -> _T:
        """What the action gave, once it has ended; raises what it raised."""
        self._thread.join()
        if self._raised is not None:
            raise self._raised
        return self._found[0]

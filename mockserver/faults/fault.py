"""What every fault is made of: a value with parameters that the core hands out and a transport acts out."""

from datetime import timedelta
from typing import Annotated, ClassVar, NamedTuple

from msgspec import Meta, Struct

Milliseconds = Annotated[int, Meta(ge=0, le=600_000)]
Seconds = Annotated[int, Meta(ge=0, le=86_400)]
LONGEST_DELAY_MS = 600_000
NO_TIME = timedelta()


class Title(NamedTuple):
    """What a fault is called at the desk, and in English."""

    japanese: str
    english: str


class Fault(Struct, frozen=True, kw_only=True, tag_field="fault", forbid_unknown_fields=True):
    """A fault with its parameters. Its fields are what the admin API accepts; its docstring documents them."""

    title: ClassVar[Title]

    def delay_ms(self, draw: float, age: timedelta) -> int:
        """How long the answer is held back: `draw` in (0, 1) decides, `age` is the time since its span began."""
        del draw, age
        return 0

    @property
    def is_delay(self) -> bool:
        """Whether it only holds the answer back, so that another fault may act as well."""
        return False

    @classmethod
    def fault_id(cls) -> str:
        """The id of the catalogue, in kebab-case."""
        return str(cls.__struct_config__.tag)

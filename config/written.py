"""Values that an operator writes as one short text, in rules."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema


class Senseless(ValueError):
    """It has the form that its schema asks for, and yet makes no sense."""


SENSELESS = "senseless"
"""The kind of an error that says the same, and more than an exception can."""


class Written(ABC):
    """Its text is `str` of it, looks like `pattern`, and is read by `parse`."""

    __slots__ = ()
    pattern: ClassVar[str]
    example: ClassVar[str]

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError."""

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validated, serialization=core_schema.to_string_ser_schema()
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, _: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": cls.pattern, "examples": [cls.example]}

    @classmethod
    def _validated(cls, value: object) -> Self:
        return value if isinstance(value, cls) else cls.parse(str(value))

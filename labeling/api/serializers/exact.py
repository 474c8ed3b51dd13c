"""Bodies that change something, and in which a misspelt field must not go unnoticed."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

TOLD = 10


class Exact(serializers.Serializer[Any]):
    """Refuses fields that it does not have: left out, they would change nothing and say nothing."""

    def to_internal_value(self, data: Any) -> Any:
        """Return what was sent, checked."""
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, Mapping) else []
        if unknown:
            known = ", ".join(self.fields)
            told = f"There is no such field; there are {known}."
            raise serializers.ValidationError({name: [told] for name in unknown[:TOLD]})
        return super().to_internal_value(data)

"""People who come in twos."""

import pytest

from accounts.models import User


@pytest.fixture
def pair(annotator: User, second_annotator: User) -> tuple[User, User]:
    """Two annotators of the project."""
    return annotator, second_annotator

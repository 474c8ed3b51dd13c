"""Rows that are written without the ORM: they must hold what the model says."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.models import User
from classifier.models import ModelVersion, Prediction
from classifier.serving.store import Tag, save
from labeling.projects import NewLabel, create_project
from tests.classifier.champions import make_model

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)


class TestRows(TestCase):
    """Any text comes back as it went in."""

    model: ModelVersion

    @classmethod
    def setUpTestData(cls) -> None:
        user = User.objects.create_user("manager")
        labels = [NewLabel("alpha"), NewLabel("beta"), NewLabel("gamma")]
        cls.model = make_model(create_project(user=user, name="T", slug="t", labels=labels))

    def tag(self, number: int, title: str = "", key: str | None = None) -> Tag:
        label = self.model.project.labels.get(name="alpha")
        return Tag(
            id=UUID(int=number),
            project_id=self.model.project_id,
            model_version_id=self.model.pk,
            model_number=1,
            label_id=label.pk,
            label="alpha",
            title=title,
            body=title * 2,
            external_id="'; --",
            confidence=0.1 + number / 1000,
            probabilities={"alpha": 0.12345678, title: 1e-8},
            route="review",
            threshold=0.8,
            latency_ms=1.125,
            requested_by_id=None,
            request_id="r",
            idempotency_key=key,
            created_at=datetime(2026, 1, 12, 10, 35, tzinfo=UTC),
        )

    @given(st.lists(TEXT, min_size=1, max_size=5))
    def test_any_text(self, titles: list[str]) -> None:
        tags = [self.tag(number, title) for number, title in enumerate(titles, 1)]
        assert save(tags)
        for tag in tags:
            row = Prediction.objects.get(pk=tag.id)
            assert (row.title, row.body, row.external_id) == tag.text
            assert (row.confidence, row.probabilities) == (tag.confidence, tag.probabilities)
            assert (row.source, row.route, row.latency_ms) == ("realtime", "review", 1.125)
            assert (row.item_id, row.requested_by_id) == (None, None)
            assert row.created_at.tzinfo is not None

    def test_the_same_ones_again_change_nothing(self) -> None:
        tags = [self.tag(1, "one"), self.tag(2, "two")]
        assert save(tags)
        assert not save([self.tag(1, "other"), self.tag(3, "three")])
        titles = Prediction.objects.order_by("pk").values_list("title", flat=True)
        assert list(titles) == ["one", "two", "three"]

    def test_all_or_none(self) -> None:
        connection.check_constraints()
        broken = self.tag(2, "t" * 1001) if connection.vendor == "postgresql" else None
        if broken is None:
            pytest.skip("SQLite takes texts of any length")
        with pytest.raises(DatabaseError):
            save([self.tag(1, "one"), broken])

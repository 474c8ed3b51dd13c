"""What models answered to a holdout."""

from classifier.models import HoldoutPrediction, ModelVersion, SnapshotRow


def answer_holdout(model: ModelVersion, *, right: int, wrong: int = 0) -> None:
    """Let a model have answered rows of its holdout, ever less sure: first those that are right."""
    for place in range(right + wrong):
        row = SnapshotRow.objects.create(
            snapshot=model.snapshot,
            split="holdout",
            external_id=f"row {place}",
            title=f"Row {place}",
            label="alpha",
            method="agreement",
        )
        HoldoutPrediction.objects.create(
            evaluation=model.evaluation,
            row=row,
            predicted="alpha" if place < right else "beta",
            confidence=round(0.999 - place / 1000, 3),
            probabilities=[],
        )

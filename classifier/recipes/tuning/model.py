"""An encoder with a linear head, all of which learns."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from classifier.recipes.base import Floats
from classifier.recipes.encoders.export import load_model

_HEAD_STRENGTH = 10.0


class TextClassifier(nn.Module):
    """Mean of the encoder's last layer, scaled to length 1, under a linear head."""

    def __init__(self, encoder: nn.Module, width: int, classes: int) -> None:
        """Put a head for `classes` labels on vectors of `width` numbers."""
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(width, classes)

    @classmethod
    def of(cls, folder: Path, classes: int) -> "TextClassifier":
        """Return the encoder in `folder` with a head that knows nothing yet."""
        encoder = load_model(folder)
        width = int(encoder.config.hidden_size)  # type: ignore[union-attr,arg-type]
        return cls(encoder, width, classes)

    def pooled(self, tokens: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the vectors [rows, width] of `tokens` [rows, length] where `mask` is 1."""
        hidden = self.encoder(input_ids=tokens, attention_mask=mask).last_hidden_state
        shares = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * shares).sum(1) / shares.sum(1)
        return functional.normalize(mean.float(), dim=-1)

    def forward(self, tokens: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Return the scores [rows, classes]; without a mask every token counts."""
        mask = torch.ones_like(tokens) if mask is None else mask
        scores: torch.Tensor = self.head(self.pooled(tokens, mask))
        return scores

    def start_head(self, vectors: Floats, targets: NDArray[np.int64], weights: Floats) -> None:
        """Set the head to the logistic regression on the vectors as they are before fine-tuning.

        A head that starts at random would pull the encoder apart first (Kumar et al. 2022).
        """
        from sklearn.linear_model import LogisticRegression

        head = LogisticRegression(C=_HEAD_STRENGTH, max_iter=2000)
        head.fit(vectors, targets, sample_weight=weights)
        rows, offsets = head.coef_, head.intercept_
        if len(rows) == 1:
            rows, offsets = np.vstack([-rows, rows]) / 2, np.hstack([-offsets, offsets]) / 2
        with torch.no_grad():
            self.head.weight.copy_(torch.tensor(rows))
            self.head.bias.copy_(torch.tensor(offsets))


def padded(tokens: Sequence[Sequence[int]], device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return `tokens` as one tensor [rows, longest], and a mask that is 0 where it is filled up."""
    longest = max(len(each) for each in tokens)
    filled = torch.zeros((len(tokens), longest), dtype=torch.long)
    mask = torch.zeros((len(tokens), longest), dtype=torch.long)
    for row, each in enumerate(tokens):
        filled[row, : len(each)] = torch.tensor(each)
        mask[row, : len(each)] = 1
    return filled.to(device), mask.to(device)

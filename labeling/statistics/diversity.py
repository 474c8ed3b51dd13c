"""An order that asks about uncertain texts of every kind, not about one kind first."""

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

FEATURES = 4096
MOST_CLUSTERS = 64


def spread(
    texts: Sequence[str], confidences: Sequence[float], *, clusters: int | None = None
) -> list[int]:
    """Return the positions of the texts in the order in which people should see them.

    The texts are grouped by their words. Each round takes the least certain text that is left of
    every group, and within a round the least certain comes first. The same input gives the same
    order.

    Args:
        texts: what people would read.
        confidences: how sure the model was of each.
        clusters: how many groups; left out, it grows with the square root of the number of texts.

    Raises ValueError where the two lengths differ.
    """
    if len(texts) != len(confidences):
        raise ValueError(f"{len(texts)} texts, but {len(confidences)} confidences")
    if not texts:
        return []
    wanted = clusters or min(MOST_CLUSTERS, math.ceil(math.sqrt(len(texts) / 2)))
    groups = _groups(texts, min(wanted, len(texts)))
    return in_rounds(groups.tolist(), confidences)


def in_rounds(groups: Sequence[int], values: Sequence[float]) -> list[int]:
    """Return the positions in rounds: each takes the lowest value that is left of every group.

    Within a round the lowest value comes first, and of equal ones the earliest.
    """
    rounds: dict[int, int] = defaultdict(int)
    places = []
    for index in sorted(range(len(values)), key=lambda i: (values[i], i)):
        group = groups[index]
        places.append((rounds[group], values[index], index))
        rounds[group] += 1
    return [index for _, _, index in sorted(places)]


def _groups(texts: Sequence[str], count: int) -> npt.NDArray[np.int32]:
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    counts = HashingVectorizer(n_features=FEATURES, alternate_sign=False, norm=None)
    weights = TfidfTransformer(sublinear_tf=True).fit_transform(counts.transform(texts))
    means = MiniBatchKMeans(n_clusters=count, random_state=0, n_init=3, batch_size=2048)
    groups: npt.NDArray[np.int32] = means.fit_predict(weights)
    return groups

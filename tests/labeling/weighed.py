"""A project whose votes can be weighed, and weights put in force by hand."""

import random
from collections.abc import Mapping

from accounts.models import User
from labeling.access import Access
from labeling.consensus_job import run_consensus
from labeling.models import (
    AnnotatorWeight,
    ConsensusJob,
    Project,
    Role,
    Weighing,
)
from labeling.policies import set_policy
from tests.labeling.elsewhere import Vote, take_file, votes_csv

LABELS = ("alpha", "beta", "gamma")
SKILLS = {"w1": 0.95, "w2": 0.9, "w3": 0.85, "w4": 0.5}


def make_crowd(project: Project, user: User, *, gold: int, pool: int, seed: int = 1) -> None:
    """Bring gold items and others, and votes of three good annotators and a bad one on all."""
    chance = random.Random(seed)
    names = [f"g{n}" for n in range(gold)] + [f"p{n}" for n in range(pool)]
    truth = {name: LABELS[place % 3] for place, name in enumerate(names)}
    rows = ["external_id,title,split,label"]
    rows += [f"{n},Gold {n},holdout,{truth[n]}" for n in names[:gold]]
    rows += [f"{n},Pool {n},pool," for n in names[gold:]]
    take_file(project, user, "\n".join(rows).encode(), "items.csv")
    votes: list[Vote] = []
    for name in names:
        for who in chance.sample(sorted(SKILLS), 3):
            right = chance.random() < SKILLS[who]
            wrong = [label for label in LABELS if label != truth[name]]
            votes.append((name, who, truth[name] if right else chance.choice(wrong)))
    take_file(project, user, votes_csv(votes), "votes.csv")


def weigh(project: Project, user: User, **changes: float | str) -> ConsensusJob:
    """Choose to weigh votes, and do the work that follows."""
    access = Access(project, user, Role.MANAGER)
    set_policy(access=access, **{"consensus": "weighted", **changes})
    return work(project)


def work(project: Project) -> ConsensusJob:
    """Do the work that was asked for, and return its job."""
    job = project.consensus_jobs.get(state="queued")
    run_consensus(job.pk)
    job.refresh_from_db()
    project.refresh_from_db()
    assert (job.state, job.failure) == ("succeeded", "")
    return job


def put_by_hand(project: Project, skills: Mapping[int, float], *, anybody: float) -> Weighing:
    """Put weights in force under which annotators are so often right, errors evenly spread."""
    labels = sorted(project.labels.values_list("pk", flat=True))
    size = len(labels)
    made = Weighing.objects.create(
        project=project, number=project.weighings.count() + 1, evidence=0, votes=0, items=0,
        annotators=len(skills), labels=labels, prior=[1 / size] * size, calibrated=True, gold=60,
        gold_wanted=50, temperature=1.0, offsets=[0.0] * size,
    )  # fmt: skip
    for annotator, skill in [*skills.items(), (None, anybody)]:
        said = [
            [skill if t == s else (1 - skill) / (size - 1) for s in range(size)]
            for t in range(size)
        ]
        AnnotatorWeight.objects.create(weighing=made, annotator_id=annotator, votes=0, said=said)
    project.weighing, project.consensus = made, "weighted"
    project.save()
    return made

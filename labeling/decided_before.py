"""Which cases a reviewer may not decide for having decided their item before."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from labeling.models import Adjudication, TaskReason


def decided_before(user: User | AnonymousUser) -> Q:
    """Return the condition of audits, as tasks, whose item the user has decided in another task.

    A second look at a decision is another reviewer's.
    """
    mine = Adjudication.objects.standing().filter(item=OuterRef("item"), decided_by=user.pk)
    elsewhere = Exists(mine.filter(~Q(task=OuterRef("pk"))))
    return Q(elsewhere, reason=TaskReason.AUDIT)

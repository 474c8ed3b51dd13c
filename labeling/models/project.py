"""A project, its labels, its guideline and its people."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse


class Order(models.TextChoices):
    """Which of the items of one priority come first."""

    IN_ORDER = "in_order", "as they came in"
    RANDOM = "random", "in random order"
    UNCERTAIN = "uncertain", "what the model is least sure of first"
    DIVERSE = "diverse", "unsure ones first, from all over the texts"


class AfterSkip(models.TextChoices):
    """Whom a skipped item goes to."""

    ANOTHER = "another", "another annotator"
    REVIEWER = "reviewer", "a reviewer"
    NOBODY = "nobody", "nobody: it is closed without a label"


SKIP_REASONS = {
    "unclear": "unclear",
    "out_of_scope": "out of scope",
    "broken": "broken",
    "other": "other",
}


class Consensus(models.TextChoices):
    """When the votes on an item settle its label."""

    AGREEMENT = "agreement", "as many votes as looks, and more than half of all"
    UNANIMOUS = "unanimous", "all votes; one that differs goes to a reviewer"
    WEIGHTED = "weighted", "weighed by what each annotator's votes are worth"


def default_skip_rules() -> dict[str, str]:
    """Return what follows from each reason to skip unless a manager says otherwise."""
    review = dict.fromkeys(("out_of_scope", "broken"), AfterSkip.REVIEWER.value)
    return dict.fromkeys(SKIP_REASONS, AfterSkip.ANOTHER.value) | review


class Project(models.Model):
    """One classification problem: its items carry exactly one of its labels."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    overlap = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="How many people look at each item.",
    )
    overlap_share = models.FloatField(
        default=1.0,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text="On which share of the items; each of the others gets one look.",
    )
    max_looks = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(15)],
        help_text="Up to how many looks before a disagreement goes to a reviewer.",
    )
    consensus = models.CharField(
        max_length=10,
        choices=Consensus,
        default=Consensus.AGREEMENT,
        db_default=Consensus.AGREEMENT,
        help_text="When votes settle a label.",
    )
    sure_enough = models.FloatField(
        default=0.95,
        db_default=0.95,
        validators=[MinValueValidator(0.51), MaxValueValidator(0.999)],
        help_text="How probable a label has to be where votes are weighed.",
    )
    weighing = models.ForeignKey(
        "Weighing",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The weights in force; none where votes may only be counted.",
    )
    lease_minutes = models.PositiveSmallIntegerField(
        default=15, validators=[MinValueValidator(1), MaxValueValidator(240)]
    )
    order = models.CharField(max_length=10, choices=Order, default=Order.IN_ORDER)
    rank_due = models.DateTimeField(
        null=True, blank=True, help_text="When a new ranking of what waits was asked for."
    )
    skip_rules = models.JSONField(
        default=default_skip_rules, help_text="Whom an item goes to, by the reason to skip it."
    )
    gold_first = models.PositiveSmallIntegerField(
        default=5,
        validators=[MaxValueValidator(100)],
        help_text="How many gold items everybody gets at first; 0 turns it off.",
    )
    gold_rate = models.FloatField(
        default=0.1,
        validators=[MinValueValidator(0.0), MaxValueValidator(0.5)],
        help_text="Share of gold items among the looks after that; 0 turns it off.",
    )
    repeat_rate = models.FloatField(
        default=0.02,
        validators=[MinValueValidator(0.0), MaxValueValidator(0.5)],
        help_text="Share of looks at an item that the same person has answered; 0 turns it off.",
    )
    gold_show = models.BooleanField(
        default=False, help_text="Tell annotators after each gold item whether they were right."
    )
    skill_warn = models.FloatField(
        default=0.8, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)]
    )
    skill_review = models.FloatField(
        default=0.0, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)]
    )
    skill_pause = models.FloatField(
        default=0.0, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)]
    )
    suggestions_on = models.BooleanField(
        default=True, db_default=True, help_text="Whether annotators are shown suggestions."
    )
    suggestions_since = models.DateTimeField(
        null=True, blank=True, help_text="When they were turned on again: anchoring counts anew."
    )
    hidden_share = models.FloatField(
        default=0.1,
        db_default=0.1,
        validators=[MinValueValidator(0.0), MaxValueValidator(0.9)],
        help_text="On which share of the tasks with a suggestion it is hidden, by chance.",
    )
    anchoring_limit = models.FloatField(
        default=0.1,
        db_default=0.1,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text="The difference in agreement with the model that is put up with.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(overlap__gte=1, max_looks__gte=models.F("overlap")),
                name="project_looks_in_order",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the project's loop page."""
        return reverse("loop", args=[self.slug])


class Role(models.TextChoices):
    """What a member may do; each role may do all that the one before it may."""

    ANNOTATOR = "annotator", "Annotator"
    REVIEWER = "reviewer", "Reviewer"
    MANAGER = "manager", "Manager"

    @property
    def rank(self) -> int:
        """Position in the order annotator < reviewer < manager."""
        return list(Role).index(self)


class Membership(models.Model):
    """A person's role in a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.ANNOTATOR)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    pause_reason = models.CharField(max_length=200, blank=True)
    gold_looks = models.PositiveIntegerField(default=0, help_text="Gold items that were given.")
    warned_at = models.DateTimeField(null=True, blank=True)
    warning = models.CharField(max_length=200, blank=True)
    review_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when all answers go to a reviewer."
    )
    judged_from = models.DateTimeField(
        null=True, blank=True, help_text="Gold answers before that were dealt with by a manager."
    )
    alarms_seen = models.PositiveIntegerField(
        default=0, help_text="The gold answer, counted from 1, of the last alarm that was told."
    )
    guideline_seen = models.ForeignKey(
        "Guideline",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The version whose change the member has put away last.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["project", "user"], name="membership_once_per_project"),
        )

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.project}"


class Label(models.Model):
    """One of a project's answers."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(
        max_length=80,
        validators=[RegexValidator(r"^\S(.*\S)?$", "A label must not begin or end with a space.")],
    )
    key = models.CharField(
        max_length=1, blank=True, help_text="The key that chooses it on the label page, if any."
    )
    description = models.CharField(max_length=300, blank=True)
    examples = models.TextField(blank=True, default="", help_text="Texts that bear it, one a line.")
    counterexamples = models.TextField(
        blank=True, default="", help_text="Texts that seem to bear it and do not, one a line."
    )
    keywords = models.TextField(
        blank=True, default="", help_text="Words that are marked in an item's text, one a line."
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=["project", "name"], name="label_name_once_per_project"),
            models.UniqueConstraint(
                fields=["project", "key"],
                condition=~models.Q(key=""),
                name="label_key_once_per_project",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def colour(self) -> int:
        """Index into the ten label colours of the style sheet."""
        return self.position % 10

    @property
    def example_list(self) -> list[str]:
        """Return the examples, one each."""
        return lines_of(self.examples)

    @property
    def counterexample_list(self) -> list[str]:
        """Return the counterexamples, one each."""
        return lines_of(self.counterexamples)

    @property
    def keyword_list(self) -> list[str]:
        """Return the keywords, one each."""
        return lines_of(self.keywords)


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that say something, without the space around them."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class Guideline(models.Model):
    """One version of what the labels mean; the newest is in force."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="guidelines")
    version = models.PositiveIntegerField()
    text = models.TextField(help_text="Markdown.")
    note = models.CharField(
        max_length=500, blank=True, db_default="", help_text="What changed, and why."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-version",)
        constraints = (
            models.UniqueConstraint(
                fields=["project", "version"], name="guideline_version_once_per_project"
            ),
        )

    def __str__(self) -> str:
        return f"version {self.version}"

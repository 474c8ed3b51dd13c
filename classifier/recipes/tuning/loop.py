"""The fine-tuning itself: steps, early stopping, checkpoints."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from classifier.recipes.base import Floats, Progress, RecipeError, TrainingStopped
from classifier.recipes.encoders.network import Network
from classifier.recipes.tuning.device import Device
from classifier.recipes.tuning.model import TextClassifier, padded
from classifier.recipes.tuning.plan import Plan, Rows
from classifier.recipes.tuning.state import Keeper, Tensors
from classifier.recipes.tuning.world import World

_LONGEST_STEP = 1.0
_SEED_STRIDE = 1_000_003
_TOO_LITTLE = (
    "{device} has too little memory for one text at a time. Choose a smaller encoder, or set "
    "TAGLOOP_TRAINING_DEVICE=cpu."
)


class Tuning:
    """One fine-tuning. Where it is killed, another with the same plan and keeper goes on."""

    def __init__(
        self,
        plan: Plan,
        tokenizer: bytes,
        *,
        device: Device,
        keeper: Keeper,
        world: World | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Load the encoder onto the device; `tokenizer` is that of `Network`."""
        self.plan, self.device, self.keeper = plan, device, keeper
        self.world, self.progress = world or World(), progress or Progress()
        torch.manual_seed(plan.seed)
        self.model = TextClassifier.of(Path(plan.encoder), plan.classes).to(device.name)
        self.adam = torch.optim.AdamW(self.model.parameters(), weight_decay=plan.decay)
        self.tokens = Network(b"", tokenizer).tokens(plan.texts)
        self.targets = torch.tensor(plan.targets, device=device.name)
        self.weights = torch.tensor(plan.weights, dtype=torch.float32, device=device.name)
        self.micro = plan.micro
        self.best: Tensors = {}

    def run(self) -> TextClassifier:
        """Return the trained model, on the CPU.

        Raises:
            TrainingStopped: the progress asked for it.
            RecipeError: the device has too little memory, or the loss left all bounds.
        """
        self.standing, self.best = self.keeper.read(self.model, self.adam)
        if not self.standing.step:
            self.progress(f"starting on {self.device}", 0.0)
            self._start_head()
        self.progress(f"fine-tuning on {self.device}", self.standing.step / self.plan.steps)
        while self.standing.step < self.plan.steps and not self.standing.ended:
            self._step(self.standing.step)
            self.standing.step += 1
            if self.standing.step % self.plan.steps_per_epoch == 0:
                self._end_epoch()
            self._keep()
        if self.best:
            self.model.load_state_dict(self.best)
        return self.model.cpu().eval()

    def _start_head(self) -> None:
        rows = self.plan.training
        vectors = self._in_pieces(rows, self.model.pooled)
        targets, weights = self.targets[rows].cpu().numpy(), self.weights[rows].cpu().numpy()
        self.model.cpu().start_head(vectors, targets, weights)
        self.model.to(self.device.name)

    def _step(self, step: int) -> None:
        """Learn from one batch; with too little memory, again in smaller pieces."""
        while True:
            try:
                loss = self._gradients(step)
                break
            except torch.OutOfMemoryError:
                if self.micro == 1:
                    raise RecipeError(_TOO_LITTLE.format(device=self.device.name)) from None
                self.micro = -(-self.micro // 2)
        parameters = [each for each in self.model.parameters() if each.grad is not None]
        gradients = [each.grad for each in parameters if each.grad is not None]
        self.world.add_up([*gradients, loss])
        if not torch.isfinite(loss):
            raise RecipeError("The loss left all bounds: choose a lower learning rate.")
        torch.nn.utils.clip_grad_norm_(parameters, _LONGEST_STEP)
        for group in self.adam.param_groups:
            group["lr"] = self.plan.rate_at(step)
        self.adam.step()
        self.progress.step((step + 1) / self.plan.steps, loss=float(loss), **self._memory())

    def _gradients(self, step: int) -> torch.Tensor:
        """Leave the gradients of this process's share of a batch, and return its loss."""
        self.model.train()
        for parameter in self.model.parameters():
            # All processes must add up the same tensors, also one that has no row of the batch.
            parameter.grad = torch.zeros_like(parameter)
        rows = self.plan.rows(step)
        whole = self.weights[rows].sum()
        own = self._by_length(rows[self.world.share(len(rows))])
        total = torch.zeros((), device=self.device.name)
        for start in range(0, len(own), self.micro):
            # A seed for every piece: dropout does not depend on what came before.
            torch.manual_seed((self.plan.seed + step) * _SEED_STRIDE + start + self.world.rank)
            some = own[start : start + self.micro]
            losses = cross_entropy(self._scores(some), self.targets[some], reduction="none")
            loss = (losses * self.weights[some]).sum() / whole
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.detach()
        return total

    def _scores(self, rows: Rows) -> torch.Tensor:
        tokens, mask = padded([self.tokens[row] for row in rows], self.device.name)
        with self._numbers():
            scores: torch.Tensor = self.model(tokens, mask)
        return scores.float()

    def _by_length(self, rows: Rows) -> Rows:
        """Return `rows` by number of tokens: those beside each other then need little filling."""
        return np.asarray(sorted(rows, key=lambda row: (len(self.tokens[row]), row)), dtype=int)

    def _end_epoch(self) -> None:
        """Measure on the validation rows, and stop where that has ceased to improve."""
        rows = self.plan.validation
        if not len(rows):
            return
        loss, f1 = self._validate(rows)
        done = self.standing.step / self.plan.steps
        self.progress.step(done, validation_loss=loss, f1=f1)
        # The loss alone would stop at the first overconfidence, which the temperature mends.
        if self.standing.best is None or [f1, -loss] > self.standing.best:
            self.standing.best, self.standing.worse_epochs = [f1, -loss], 0
            state = self.model.state_dict()
            self.best = {name: each.detach().cpu().clone() for name, each in state.items()}
            return
        self.standing.worse_epochs += 1
        self.standing.ended = self.standing.worse_epochs >= self.plan.patience

    def _validate(self, rows: Rows) -> tuple[float, float]:
        from sklearn.metrics import f1_score

        scores = torch.zeros((len(rows), self.plan.classes), device=self.device.name)
        share = self.world.share(len(rows))
        if len(rows[share]):
            found = self._in_pieces(rows[share], self.model)
            scores[share] = torch.tensor(found, device=self.device.name, dtype=torch.float32)
        self.world.add_up([scores])
        targets, weights = self.targets[rows], self.weights[rows]
        losses = cross_entropy(scores, targets, reduction="none")
        loss = float((losses * weights).sum() / weights.sum())
        answers = scores.argmax(1).cpu().numpy()
        return loss, float(f1_score(targets.cpu().numpy(), answers, average="weighted"))

    def _in_pieces(self, rows: Rows, network: Callable[..., torch.Tensor]) -> Floats:
        """Return a row of `network` for each of `rows`, without learning from them."""
        self.model.eval()
        order = self._by_length(rows)
        found: dict[int, Floats] = {}
        with torch.no_grad(), self._numbers():
            for start in range(0, len(order), self.micro):
                some = order[start : start + self.micro]
                tokens, mask = padded([self.tokens[row] for row in some], self.device.name)
                answers = network(tokens, mask).double().cpu().numpy()
                found |= dict(zip(some.tolist(), answers, strict=True))
        return np.vstack([found[row] for row in rows.tolist()])

    def _numbers(self) -> torch.autocast:
        return torch.autocast(
            "cuda" if self.device.is_gpu else "cpu", torch.bfloat16, enabled=self.device.bf16
        )

    def _keep(self) -> None:
        stop = self.progress.should_stop()
        if self.world.rank == 0 and (stop or self.keeper.due()):
            self.keeper.write(self.standing, self.model, self.adam, self.best)
        if stop:
            raise TrainingStopped("The training was stopped; it goes on from its checkpoint.")

    def _memory(self) -> dict[str, float]:
        if not self.device.is_gpu:
            return {}
        return {"memory_mb": torch.cuda.max_memory_allocated(self.device.name) / 2**20}

"""A training as a program, for tests that end it from outside.

    python run_of_six_epochs.py FOLDER EPOCHS RESULT [shards] [heavy]

Goes on from what is in FOLDER, if anything is. RESULT gets the state of the model and the history.
With "heavy" it saves after every step, and much each time: a kill is likely to meet a write.
Prints a line at each step.
"""

import sys
from pathlib import Path

import numpy as np

import tinytorch.tensor as tt
from tinytorch.activations import ReLU
from tinytorch.dataloader import DataLoader, TensorDataset
from tinytorch.layers import Linear
from tinytorch.networks import Sequential
from tinytorch.normalization import BatchNorm2d
from tinytorch.optimizers import AdamW, OneCycleLR
from tinytorch.spatial import Conv2d, Flatten
from tinytorch.tensor import Tensor
from tinytorch.training import (
    Accuracy,
    Callback,
    Checkpoint,
    CrossEntropyLoss,
    EarlyStopping,
    Trainer,
    latest_checkpoint,
    save_state,
)


class Steps(Callback):
    def on_batch_end(self, trainer: Trainer) -> None:
        print("step", trainer.step, flush=True)


def main(folder: Path, epochs: int, result: Path, options: list[str]) -> None:
    latest = latest_checkpoint(folder)
    # A resumed process draws other numbers before it loads: they must not matter.
    tt.manual_seed(0 if latest is None else 99)
    draws = np.random.default_rng(0)
    images = Tensor(draws.standard_normal((64, 1, 6, 6)).astype(np.float32))
    classes = Tensor(draws.integers(3, size=64))
    model = Sequential(
        Conv2d(1, 4, 3, padding=1),
        BatchNorm2d(4),
        ReLU(),
        Flatten(),
        Linear(144, 16),
        ReLU(),
        Linear(16, 3),
    )
    if "heavy" in options:
        model.register_buffer("weight_to_carry", Tensor(np.zeros(2_000_000, np.float32)))
    initial = np.random.default_rng(1)
    for parameter in model.parameters():
        parameter.detach().copy_(0.2 * initial.standard_normal(parameter.shape))
    optimizer = AdamW(model.parameters(), lr=0.01)

    def noisy(x: np.ndarray) -> np.ndarray:
        return x + 0.1 * tt.randn(*x.shape).numpy()

    loader = DataLoader(
        TensorDataset(images, classes), 8, shuffle=True, transform=noisy, num_workers=0
    )
    trainer = Trainer(
        model,
        optimizer,
        CrossEntropyLoss(),
        metrics={"accuracy": Accuracy()},
        scheduler=OneCycleLR(optimizer, 0.02, total_steps=200),
        scheduler_every="step",
        callbacks=[
            EarlyStopping(20, restore_best=False),
            Steps(),
            Checkpoint(folder, every_steps=1 if "heavy" in options else None),
        ],
        clip_norm=1.0,
        shards=2 if "shards" in options else 1,
    )
    history = trainer.fit(loader, loader, epochs, resume=latest)
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in history]
    save_state(
        result,
        {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "history": rows,
            "stop_reason": trainer.stop_reason,
        },
    )
    print("done", trainer.stop_reason, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:])

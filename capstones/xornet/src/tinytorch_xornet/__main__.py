"""`tinytorch run xornet`: the story of XOR, from the line that cannot to the network that does."""

from __future__ import annotations

import json
from math import isfinite
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from tinytorch.activations import sigmoid
from tinytorch.networks import MLP
from tinytorch.tensor import Tensor

from .by_hand import worst_error
from .problem import xor_problem
from .sketch import sketch_curve, sketch_surface
from .training import (
    HIDDEN,
    LEARNING_RATE,
    STEPS,
    Training,
    best_of_random_lines,
    make_network,
    train,
    train_linear,
)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="What the weights are drawn from.",
)
@click.option(
    "--hidden",
    type=click.IntRange(min=1, max=10_000),
    default=HIDDEN,
    show_default=True,
    help="Units in the hidden layer.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=0),
    default=STEPS,
    show_default=True,
    help="Steps of gradient descent.",
)
@click.option(
    "--lr",
    type=click.FloatRange(min=0, min_open=True),
    default=LEARNING_RATE,
    show_default=True,
    help="Learning rate.",
)
@click.option(
    "--plot/--no-plot", default=True, show_default=True, help="Write boundary.png and loss.png."
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("xornet-output"),
    show_default=True,
    help="Where the pictures go.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON and nothing else.")
def main(
    seed: int, hidden: int, steps: int, lr: float, plot: bool, output: Path, as_json: bool
) -> None:
    """Teach a small network XOR, by gradients derived by hand.

    Exits with 0 if the network has all four points right, else with 1.
    """
    if not isfinite(lr):
        raise click.BadParameter(f"{lr} is not a finite number", param_hint="--lr")
    if plot:
        make_folder(output)
    x, y = xor_problem()
    with np.errstate(all="ignore"):  # with a large --lr the loss may leave the numbers
        linear = train_linear(x, y, steps, lr, seed)
        error = worst_error(make_network(hidden, seed).double(), x.double(), y.double())

        network = make_network(hidden, seed)
        start = perf_counter()
        trained = train(network, x, y, steps, lr)
        seconds = perf_counter() - start

    pictures = write_pictures(network, x, y, trained, linear, output) if plot else []
    if as_json:
        result = {
            "seed": seed,
            "hidden": hidden,
            "steps": steps,
            "lr": lr,
            "correct": trained.correct,
            "final_loss": finite(trained.final_loss),
            "probabilities": [finite(p) for p in sigmoid(network(x)).reshape(-1).tolist()],
            "linear_final_loss": finite(linear.final_loss),
            "gradient_error": error,
            "seconds": seconds,
            "pictures": [str(path) for path in pictures],
        }
        click.echo(json.dumps(result, indent=2))
    else:
        tell(network, x, y, trained, linear, error, seconds, pictures)
    raise SystemExit(0 if trained.correct == 4 else 1)


def make_folder(output: Path) -> None:
    """Make the pictures' folder before any work is done, or say why that is not possible."""
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"{output} cannot be made: {error.strerror}"
        raise click.BadParameter(reason, param_hint="--output") from error


def finite(number: float) -> float | None:
    """The number, or None for what JSON has no word for."""
    return number if isfinite(number) else None


def write_pictures(
    network: MLP, x: Tensor, y: Tensor, trained: Training, linear: Training, output: Path
) -> list[Path]:
    """Draw the boundary and the losses. matplotlib is imported only here: it takes its time."""
    from .drawing import draw_boundary, draw_losses

    return [
        draw_boundary(network, x, y, output / "boundary.png"),
        draw_losses(trained.losses, linear.losses, output / "loss.png"),
    ]


def tell(
    network: MLP,
    x: Tensor,
    y: Tensor,
    trained: Training,
    linear: Training,
    error: float,
    seconds: float,
    pictures: list[Path],
) -> None:
    """The story, in the order in which it is best understood."""
    console = Console(highlight=False, emoji=False)
    say = console.print
    say("[bold]1. A line cannot.[/bold]")
    say(
        f"Of 10,000 random lines, the best has {best_of_random_lines(x, y)} of the 4 points right. "
        f"Gradient descent on a linear model ends at a loss of {linear.final_loss:.4f}; "
        "log 2 = 0.6931 is what saying 1/2 to everything costs."
    )
    say("\n[bold]2. Gradients by hand.[/bold]")
    say(
        f"One hidden layer of {network[0].out_features} tanh units. The chain rule, written out, "
        + gradients_in_words(error)
    )
    say("\n[bold]3. Descent.[/bold]")
    say(
        f"{len(trained.losses)} steps in {seconds:.2f} s; the loss is now {trained.final_loss:.4f}."
    )
    say("")
    say(sketch_curve(trained.losses), markup=False)
    say("\n[bold]4. What it learnt.[/bold]\n")
    say(answers(network, x, y))
    say("")
    say(sketch_surface(network), markup=False)
    say(f"\n[bold]{trained.correct} of 4 right.[/bold]{advice(trained)}")
    for path in pictures:
        say(f"wrote {path}", markup=False, soft_wrap=True)


def gradients_in_words(error: float) -> str:
    """How the gradients by hand compare with central differences."""
    if error < 1e-4:
        return f"agrees with central differences to {error:.1e} of the largest entry."
    return (
        f"[bold]disagrees[/bold] with central differences, by {error:.1e} of the largest entry: "
        "something that this network is built on is wrong. If one of the modules is yours, "
        "tinytorch check will find it."
    )


def advice(trained: Training) -> str:
    """What to try when it has not worked."""
    if trained.correct == 4:
        return ""
    if not isfinite(trained.final_loss):
        return " The loss left the numbers: try a smaller --lr."
    return " Try another --seed, more --hidden units, more --steps, or another --lr."


def answers(network: MLP, x: Tensor, y: Tensor) -> Table:
    """Inputs, targets and what the network says, as a table."""
    table = Table(
        "inputs", "target", "probability of 1", "", box=None, pad_edge=False, padding=(0, 3)
    )
    says = sigmoid(network(x)).reshape(-1).tolist()
    for inputs, target, p in zip(x.tolist(), y.reshape(-1).tolist(), says, strict=True):
        verdict = "right" if (p > 0.5 if target == 1 else p < 0.5) else "wrong"
        row: list[Any] = [f"{inputs[0]:.0f} {inputs[1]:.0f}", f"{target:.0f}", f"{p:.4f}", verdict]
        table.add_row(*row)
    return table


if __name__ == "__main__":
    main(prog_name="tinytorch run xornet")

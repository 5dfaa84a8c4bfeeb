"""`tinytorch run cifar10`: train a convolutional network, look at what it learnt, ask it."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from .recipe import DEFAULTS, Recipe

OUTPUT = Path("cifar10-output")
MODEL, RECIPE, METRICS, CHECKPOINTS = (
    "model.safetensors",
    "recipe.json",
    "metrics.json",
    "checkpoints",
)
EXPECTED = 0.55
"""What the course asks for on CIFAR-10."""


def by_default(name: str, about: str) -> str:
    """The help of an option whose default depends on the data set."""
    values = [f"{getattr(recipe, name)} for {key}" for key, recipe in DEFAULTS.items()]
    return f"{about}; by default {', '.join(values)}."


output_option = click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=OUTPUT,
    show_default=True,
    help="Where model, checkpoints, metrics and pictures are.",
)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--dataset",
    type=click.Choice(sorted(DEFAULTS)),
    default="cifar10",
    show_default=True,
    help="shapes are drawn on the spot, and need no download.",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder that has CIFAR-10's binary version; else TINYTORCH_DATA, or it is downloaded.",
)
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    help=by_default("epochs", "How often each image is seen"),
)
@click.option(
    "--width",
    type=click.IntRange(1, 1024),
    help=by_default("width", "Channels behind the first convolution"),
)
@click.option(
    "--batch-size", type=click.IntRange(2, 10_000), help=by_default("batch_size", "Images a step")
)
@click.option(
    "--lr",
    type=click.FloatRange(0, 100, min_open=True),
    help=by_default("lr", "The largest learning rate of the cycle"),
)
@click.option(
    "--augment/--no-augment",
    default=True,
    show_default=True,
    help="Mirror and shift training images at random.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="What everything random is drawn from.",
)
@click.option(
    "--shards",
    type=click.IntRange(1, 64),
    default=Recipe.shards,
    show_default=True,
    help="Threads that share each batch.",
)
@click.option(
    "--time-budget",
    type=click.FloatRange(0, min_open=True),
    help="Seconds: as many epochs as fit, and no more.",
)
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in --output.")
@click.option("--plot/--no-plot", default=True, show_default=True, help="Draw the pictures.")
@click.option("--json", "as_json", is_flag=True, help="Print the metrics as JSON and nothing else.")
@output_option
@click.pass_context
def main(
    context: click.Context,
    /,
    dataset: str,
    data_dir: Path | None,
    time_budget: float | None,
    resume: bool,
    plot: bool,
    as_json: bool,
    output: Path,
    **options: Any,
) -> None:
    """Train a convolutional network on CIFAR-10.

    Writes the model, a checkpoint after each epoch, metrics and pictures. Killed at any moment, it
    goes on with --resume and loses at most an epoch.
    """
    if context.invoked_subcommand is not None:
        return
    given = {name: value for name, value in options.items() if value is not None}
    recipe = replace(DEFAULTS[dataset], **given)
    console = Console(highlight=False, emoji=False, stderr=as_json)
    say = console.print
    from .data import load_images

    train_images, test_images = told(lambda: load_images(dataset, data_dir))
    say(
        f"{len(train_images):,} training images and {len(test_images):,} test images of "
        f"{len(train_images.classes)} classes."
    )
    recipe = planned(recipe, output, resume, time_budget, len(train_images))
    say(
        f"{recipe.epochs} epochs of batches of {recipe.batch_size}, width {recipe.width}, "
        f"seed {recipe.seed}."
    )
    metrics = told(
        lambda: run(recipe, train_images, test_images, output, resume, time_budget, plot, as_json)
    )
    if as_json:
        click.echo(json.dumps(metrics, indent=2))
        return
    tell(say, metrics, test_images.classes)


def told(action: Any) -> Any:
    """What the action gives; an error that its user can mend is a message, not a traceback."""
    try:
        return action()
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def planned(
    recipe: Recipe, output: Path, resume: bool, time_budget: float | None, images: int
) -> Recipe:
    """The recipe to train by, written down; with `resume` it must be the one that is there."""
    from .time_budget import epochs_within

    path = output / RECIPE
    if resume:
        if not path.is_file():
            raise click.ClickException(f"there is nothing to resume in {output}: no {RECIPE}")
        before = Recipe.from_dict(json.loads(path.read_text(encoding="utf-8")))
        if time_budget is not None:
            recipe = replace(recipe, epochs=before.epochs)
        if differences := recipe.differences(before):
            raise click.ClickException(
                f"{output} was begun by another recipe ({'; '.join(differences)}): give the same "
                "options, or another --output"
            )
        return recipe
    if any((output / CHECKPOINTS).glob("*")):
        raise click.ClickException(
            f"{output} holds a training already: --resume goes on with it; for a new one give "
            "another --output, or delete it"
        )
    if time_budget is not None:
        recipe = replace(recipe, epochs=epochs_within(time_budget, recipe, images))
    write_text(path, json.dumps(recipe.as_dict(), indent=2))
    return recipe


def run(
    recipe: Recipe,
    train_images: Any,
    test_images: Any,
    output: Path,
    resume: bool,
    time_budget: float | None,
    plot: bool,
    quiet: bool,
) -> dict[str, Any]:
    """Train, look at the test images, and write everything down; give the metrics."""
    from tinytorch.training import CSVLogger, ProgressBar

    from .model_file import save_model
    from .results import results_on
    from .training import train

    callbacks = [CSVLogger(output / "epochs.csv"), *([] if quiet else [ProgressBar()])]
    network, history = train(
        recipe,
        train_images,
        test_images,
        callbacks=callbacks,
        checkpoints=output / CHECKPOINTS,
        resume=resume,
        time_budget=time_budget,
    )
    save_model(network, recipe, test_images.classes, output / MODEL)
    results = results_on(network, test_images, recipe.dataset)
    pictures = draw(network, history, results, test_images, output) if plot else []
    metrics = {
        "recipe": recipe.as_dict(),
        "accuracy": results.accuracy,
        "accuracy_by_class": dict(zip(test_images.classes, results.accuracy_by_class, strict=True)),
        "confusion": results.confusion.tolist(),
        "epochs": history.rows,
        "seconds": sum(history["seconds"]) if len(history) else 0.0,
        "peak_bytes": peak_bytes(),
        "model": str(output / MODEL),
        "pictures": [str(path) for path in pictures],
    }
    write_text(output / METRICS, json.dumps(metrics, indent=2))
    return metrics


def draw(network: Any, history: Any, results: Any, images: Any, output: Path) -> list[Path]:
    """All pictures. matplotlib is imported only here: it takes its time."""
    from tinytorch.training import plot_history

    from .drawing import draw_confusion, draw_filters, draw_predictions, save

    return [
        save(plot_history(history), output / "curves.png"),
        draw_confusion(results, images.classes, output / "confusion.png"),
        draw_predictions(images.images, results, images.classes, output / "predictions.png"),
        draw_filters(network[0].weight.detach().numpy(), output / "filters.png"),
    ]


def peak_bytes() -> int | None:
    """The largest memory that this process has had, where the system tells."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def tell(say: Any, metrics: dict[str, Any], classes: tuple[str, ...]) -> None:
    """The result in a few lines."""
    table = Table("class", "right", box=None, pad_edge=False, padding=(0, 3))
    for name in classes:
        table.add_row(name, f"{metrics['accuracy_by_class'][name]:.1%}")
    say(table)
    seconds, peak = metrics["seconds"], metrics["peak_bytes"]
    memory = f", with at most {peak / 2**30:.2f} GiB of memory" if peak else ""
    say(
        f"\n[bold]{metrics['accuracy']:.1%} of the test images right[/bold], after "
        f"{len(metrics['epochs'])} epochs in {seconds:.0f} s{memory}."
    )
    if metrics["accuracy"] < EXPECTED:
        say(
            f"The course asks for {EXPECTED:.0%}: more --epochs help, and a loss that does not "
            "fall hints at a module that is wrong (tinytorch check)."
        )
    for path in (metrics["model"], *metrics["pictures"]):
        say(f"wrote {path}", markup=False, soft_wrap=True)


@main.command()
@click.argument("images", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--top", type=click.IntRange(1, 10), default=3, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
@output_option
def predict(images: tuple[Path, ...], top: int, as_json: bool, output: Path) -> None:
    """Say what is to be seen in any image file, by the model in --output."""
    from .asking import ask
    from .model_file import load_model

    model = told(lambda: load_model(output / MODEL))
    answers = {str(path): told(lambda path=path: ask(model, path)) for path in images}
    if as_json:
        click.echo(json.dumps(answers, indent=2))
        return
    console = Console(highlight=False, emoji=False)
    for path, probabilities in answers.items():
        best = sorted(probabilities.items(), key=lambda item: -item[1])[:top]
        said = ", ".join(f"{name} {probability:.0%}" for name, probability in best)
        console.print(f"{path}: {said}", markup=False, soft_wrap=True)


def write_text(path: Path, text: str) -> None:
    """Write aside, then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text + "\n", encoding="utf-8")
    aside.replace(path)


if __name__ == "__main__":
    main(prog_name="tinytorch run cifar10")

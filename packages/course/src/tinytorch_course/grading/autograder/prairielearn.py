"""A question for PrairieLearn, and what its image is built from.

As described in https://docs.prairielearn.com/externalGrading/ and
https://docs.prairielearn.com/question/overview/. `questions/<name>` goes into the course's
repository. The image holds the environment alone, so all questions of a term share it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import uuid
from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template

import click

from tinytorch_course.grading.autograder import contents
from tinytorch_course.grading.autograder.contents import Entry, Order

MOST_SECONDS = 600
"""PrairieLearn ends a job after these."""
IDS = uuid.UUID("5f0c1c52-7d0e-4f0b-9c0f-3a4b3f4b6c11")
UNFINISHED: dict[str, object] = {
    "gradable": False,
    "score": 0,
    "format_errors": [contents.UNFINISHED],
}


def write(order: Order, folder: Path, image: str) -> Path:
    """Both into a folder; returns that of the question.

    Raises `click.ClickException` if there is such a question already: somebody may have worked on
    its text.
    """
    question = folder / "questions" / f"tinytorch-{order.name}"
    if question.exists():
        raise click.ClickException(
            f"{question} is there already, and is left as it is.\n"
            "Move it away, or write elsewhere:  add  --output FOLDER"
        )
    for entry in _image(order, image):
        _place(folder / "image", entry)
    question.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=question.parent, prefix=".") as aside:
        for entry in _question(order, image):
            _place(Path(aside) / "question", entry)
        os.replace(Path(aside) / "question", question)
    return question


def _image(order: Order, image: str) -> Iterator[Entry]:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    template = Template(contents.read("Dockerfile"))
    yield Entry("Dockerfile", template.substitute(python=version, image=image).encode())
    yield from contents.environment(order)
    yield from contents.data(order)


def _question(order: Order, image: str) -> Iterator[Entry]:
    yield Entry("info.json", (json.dumps(_info(order, image), indent=2) + "\n").encode())
    yield Entry("question.html", _page(order).encode())
    for entry in (contents.script("prairielearn.sh"), *contents.assignment(order, UNFINISHED)):
        yield Entry(f"tests/{entry.path}", entry.content, entry.executable)
    yield Entry("tests/requirements.txt", "".join(f"{x}\n" for x in order.requirements).encode())


def _info(order: Order, image: str) -> dict[str, object]:
    return {
        "uuid": str(uuid.uuid5(IDS, order.name)),
        "title": f"TinyTorch: {order.title}",
        "topic": "TinyTorch",
        "tags": ["code"],
        "type": "v3",
        "singleVariant": True,
        "gradingMethod": "External",
        "externalGradingOptions": {
            "enabled": True,
            "image": image,
            "entrypoint": "/grade/tests/prairielearn.sh",
            "timeout": order.most_seconds,
            "enableNetworking": False,
        },
    }


def _page(order: Order) -> str:
    name = "files.html" if order.files else "archive.html"
    template = Template(contents.read(name))
    return template.substitute(
        title=escape(order.title),
        name=escape(order.name),
        module=escape(order.choice[1]),
        files=escape(",".join(order.files)),
    )


def _place(folder: Path, entry: Entry) -> None:
    file = folder / entry.path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(entry.content)
    if entry.executable:
        file.chmod(0o755)

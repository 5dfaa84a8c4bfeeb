"""How modules are shown."""

from tinytorch.layers import Identity, Linear, Module, ModuleList, Parameter
from tinytorch.tensor import ones


class Scale(Module):
    def __init__(self, *parts: Module, options: str = "") -> None:
        super().__init__()
        self.options = options
        self.weight = Parameter(ones(2))
        for number, part in enumerate(parts):
            self.add_module(f"part{number}", part)

    def extra_repr(self) -> str:
        return self.options


def test_layers() -> None:
    assert repr(Linear(3, 2)) == "Linear(in_features=3, out_features=2, bias=True)"
    assert repr(Linear(3, 2, bias=False)) == "Linear(in_features=3, out_features=2, bias=False)"
    assert repr(Identity(54, unused=True)) == "Identity()"
    assert repr(Module()) == "Module()"


def test_options() -> None:
    assert repr(Scale(options="by=2")) == "Scale(by=2)"
    assert repr(Scale(options="by=2\neps=1")) == "Scale(\n  by=2\n  eps=1\n)"


def test_parts_are_indented_under_their_names() -> None:
    inner = Scale(Identity(), Linear(1, 1), options="by=2")
    inner.add_module("none", None)
    assert repr(Scale(inner, Identity())) == (
        "Scale(\n"
        "  (part0): Scale(\n"
        "    by=2\n"
        "    (part0): Identity()\n"
        "    (part1): Linear(in_features=1, out_features=1, bias=True)\n"
        "    (none): None\n"
        "  )\n"
        "  (part1): Identity()\n"
        ")"
    )


def test_neighbours_in_a_list_that_look_alike_are_counted() -> None:
    assert repr(ModuleList()) == "ModuleList()"
    blocks = [Scale(Linear(1, 1)), Scale(Linear(1, 1)), Identity(), Identity(), Scale()]
    assert repr(ModuleList(blocks)) == (
        "ModuleList(\n"
        "  (0-1): 2 x Scale(\n"
        "    (part0): Linear(in_features=1, out_features=1, bias=True)\n"
        "  )\n"
        "  (2-3): 2 x Identity()\n"
        "  (4): Scale()\n"
        ")"
    )


def test_other_modules_list_every_part() -> None:
    assert repr(Scale(Identity(), Identity())) == (
        "Scale(\n  (part0): Identity()\n  (part1): Identity()\n)"
    )

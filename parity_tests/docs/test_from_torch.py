"""The page "From torch": both columns of its tables run from top to bottom, and end with the same rates."""

import re
from typing import Any

import jax
import jax.numpy as jnp
import torch
from flax import nnx

import lrjax
from parity_tests import ROOT

CODE = re.compile(r"`[^`]+`")


def column(number: int) -> list[str]:
    """The cells of a column that are code and nothing else; those with an ellipsis are no program."""
    rows = re.findall(r"^\| (.*?) \| (.*?) \|$", (ROOT / "docs" / "from-torch.md").read_text(), re.MULTILINE)
    cells = [row[number].strip() for row in rows]
    return [cell.strip("`") for cell in cells if CODE.fullmatch(cell) and "..." not in cell]


def in_torch() -> dict[str, Any]:
    class Net(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.head = torch.nn.Linear(4, 8), torch.nn.Linear(8, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.head(torch.relu(self.body(x)))

    return {
        "Net": Net,
        "AdamW": torch.optim.AdamW,
        "StepLR": torch.optim.lr_scheduler.StepLR,
        "mse_loss": torch.nn.functional.mse_loss,
        "clip_grad_norm_": torch.nn.utils.clip_grad_norm_,
        "x": torch.ones(2, 4),
        "y": torch.ones(2, 1),
    }


def in_jax() -> dict[str, Any]:
    class Net(nnx.Module):
        def __init__(self, rngs: nnx.Rngs) -> None:
            self.body, self.head = nnx.Linear(4, 8, rngs=rngs), nnx.Linear(8, 1, rngs=rngs)

        def __call__(self, x: Any) -> Any:
            return self.head(nnx.relu(self.body(x)))

    names: dict[str, Any] = {"Net": Net, "nnx": nnx, "jax": jax, "lrjax": lrjax}
    names |= {"x": jnp.ones((2, 4)), "y": jnp.ones((2, 1))}
    names["loss_of"] = lambda params, x, y: jnp.mean((nnx.merge(names["graph"], params)(x) - y) ** 2)
    return names


def test_both_columns_run_and_end_with_the_same_rates() -> None:
    theirs, ours = in_torch(), in_jax()
    for names, number in ((theirs, 0), (ours, 1)):
        code = column(number)
        assert len(code) > 20
        for line in code:
            exec(line, names)
    rates = [group["lr"] for group in theirs["optimizer"].param_groups]
    assert list(lrjax.get_lr(ours["opt_state"]).values()) == rates == [2.5e-5, 5e-4]
    assert lrjax.get_hyper(ours["opt_state"], "eps")["head"] == theirs["optimizer"].param_groups[1]["eps"] == 1e-6
    assert ours["saved"]["groups"].keys() == {"body", "head"}

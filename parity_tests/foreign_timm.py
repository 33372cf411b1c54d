"""timm's models, where torchvision was built for another torch and cannot load its compiled operators."""

from typing import Any

import pytest
import torch


def import_timm() -> Any:
    """The package ``timm``; the test is skipped where it is not installed.

    torchvision registers shapes of operators that are not there then. No model here uses them: they are left out.
    """
    register, torch.library.register_fake = torch.library.register_fake, _left_out  # type: ignore[assignment]
    try:
        return pytest.importorskip("timm", reason="timm is not installed")
    finally:
        torch.library.register_fake = register


def _left_out(*_: Any, **__: Any) -> Any:
    return lambda function: function

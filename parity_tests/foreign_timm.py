"""timm, where torchvision was built for another torch and cannot load its compiled operators."""

from typing import Any
from unittest.mock import patch

import pytest
from torch import library


def import_timm() -> Any:
    """The package ``timm``; the test is skipped where it is not installed.

    torchvision registers shapes of operators that are not there then. Nothing here uses them: they are left out.
    """
    with patch.object(library, "register_fake", lambda *_, **__: lambda function: function):
        return pytest.importorskip("timm", reason="timm is not installed")

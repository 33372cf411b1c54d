"""Two runs compared: ``records``, the same gradients for both (``replay``), ``bounds`` and the ``verdict``."""

"""The command ``python -m lrparity``: the fine-tuning run, its verdict, its claims and its refusals."""

"""A training run carried from PyTorch to JAX and back: names, layouts, optimizer and scheduler states, files.

lrjax does not import torch: tensors are read by their own methods, and files by their format.
"""

from .averages import average_from_torch as average_from_torch
from .averages import average_to_torch as average_to_torch
from .files import load_checkpoint as load_checkpoint
from .files import save_checkpoint as save_checkpoint
from .from_torch import from_torch as from_torch
from .names import NameMap as NameMap
from .names import match_names as match_names
from .to_torch import to_torch as to_torch
from .weights import params_from_torch as params_from_torch
from .weights import params_to_torch as params_to_torch

"""What the snapshot takes from other modules of the tests: all of its imports from there, in one place."""

from parity_tests.errors.optimizer_cases import EDITS as EDITS
from parity_tests.errors.optimizer_cases import GROUPS as GROUPS
from parity_tests.errors.optimizer_cases import OPTIONS as OPTIONS
from parity_tests.errors.scheduler_cases import SCHEDULERS as SCHEDULERS
from parity_tests.errors.scheduler_cases import SIMULATIONS as SIMULATIONS
from parity_tests.groups.error_cases import DISCRIMINATIVE as DISCRIMINATIVE
from parity_tests.groups.error_cases import LAYER_DECAY as LAYER_DECAY
from parity_tests.schedulers.cases import Spec as Spec
from parity_tests.schedulers.cases import make as make

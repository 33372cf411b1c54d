"""torch's ``optimizer.state_dict()``, read and checked: groups, names and what it keeps per parameter."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from lrspec import check, optimizer_options

from ._arrays import plain
from ._slots import shape_from, tensors_of

# Options that choose one of torch's implementations: class -> option -> torch's default.
_FORMS: dict[str, dict[str, Any]] = {
    **{
        name: {"foreach": None, "capturable": False, "differentiable": False, "fused": None}
        for name in ("Adam", "AdamW")
    },
    **{name: {"foreach": None, "differentiable": False, "fused": None} for name in ("SGD", "Adagrad")},
    **{
        name: {"foreach": None, "capturable": False, "differentiable": False}
        for name in ("NAdam", "RAdam", "Adamax", "Adadelta", "RMSprop", "Rprop", "ASGD")
    },
    "Adafactor": {"foreach": None},
}
# What schedulers write into the groups.
_SCHEDULED = ("initial_lr", "max_lr", "min_lr", "base_momentum", "max_momentum", "swa_lr")
_OURS = ("params", "param_names", "name", "patterns", "frozen")  # the last three are lrtorch's
OPTIONS = optimizer_options.BY_NAME


class Source(NamedTuple):
    """What a state dict says.

    G groups.
    """

    groups: list[dict[str, Any]]  # torch's groups without "params", hyperparameters as Python values
    ids: list[list[Any]]  # per group, what "params" holds
    names: dict[Any, str]  # id -> torch's name of the parameter
    state: Mapping[Any, Mapping[str, Any]]  # id -> what torch keeps for the parameter

    def shapes(self, where: str) -> dict[str, tuple[int, ...] | None]:
        """Name -> shape, as far as the state tells."""
        return {name: shape_from(where, name, tensors_of(self.state.get(id_, {}))) for id_, name in self.names.items()}

    def group_of(self) -> dict[str, int]:
        """Name -> index of its group."""
        return {self.names[id_]: i for i, ids in enumerate(self.ids) for id_ in ids}


def read(where: str, argument: str, state_dict: Any, names: Any) -> Source:
    """Check and read a state dict.

    Args:
        where: the function that errors name.
        argument: the name of its argument.
        state_dict: what ``optimizer.state_dict()`` gave.
        names: torch's names of the parameters in the optimizer's order, or a list of them for each group; None:
            the state's own "param_names".

    Raises:
        TypeError: no such dict.
        ValueError: entries that contradict each other, or no names.
    """
    if not isinstance(state_dict, Mapping):
        check.fail(where, argument, "must be what optimizer.state_dict() gave", type(state_dict).__name__, TypeError)
    if not {"state", "param_groups"} <= set(state_dict):
        rule = "must have 'state' and 'param_groups', as optimizer.state_dict() has"
        check.fail(where, argument, rule, sorted(map(str, state_dict)))
    groups = list(state_dict["param_groups"])
    for i, group in enumerate(groups):
        if not isinstance(group, Mapping) or "params" not in group:
            rule = "must be a dict with 'params', as in optimizer.state_dict()"
            check.fail(where, f"{argument}['param_groups'][{i}]", rule, group)
    ids = [list(group["params"]) for group in groups]
    for i, group_ids in enumerate(ids):
        if groups[i].get("frozen"):
            check.fail(where, f"{argument}['param_groups'][{i}]['frozen']", "must be False (thaw it first)", True)
        if not group_ids:
            check.fail(where, f"{argument}['param_groups'][{i}]", "must have a parameter", group_ids)
    flat = [id_ for group_ids in ids for id_ in group_ids]
    unknown = [id_ for id_ in state_dict["state"] if id_ not in flat]
    if unknown:
        check.fail(where, f"{argument}['state']", "must belong to the parameters of the groups", unknown)
    found = _names(where, groups, ids, names)
    # A parameter's name is not plain data of its group: "params" and "param_names" go, the rest stays.
    kept = [{k: plain(v) for k, v in group.items() if k not in ("params", "param_names")} for group in groups]
    return Source(kept, ids, dict(zip(flat, found, strict=True)), state_dict["state"])


def _names(where: str, groups: Sequence[Any], ids: list[list[Any]], names: Any) -> list[str]:
    """The names in the order of the ids."""
    stated = [list(group["param_names"]) if "param_names" in group else None for group in groups]
    if all(
        isinstance(id_, str) for group_ids in ids for id_ in group_ids
    ):  # as torch.distributed.checkpoint keeps them
        stated = [list(group_ids) for group_ids in ids]
    if names is None:
        missing = [i for i, group_names in enumerate(stated) if group_names is None]
        if missing:
            rule = (
                "must be given, in the optimizer's order: "
                "[[names[id(p)] for p in group['params']] for group in optimizer.param_groups] with "
                "names = {id(p): n for n, p in model.named_parameters()} (groups made from (name, parameter) pairs "
                f"would hold them; groups {missing} do not)"
            )
            check.fail(where, "names", rule, None)
        return [name for group_names in stated for name in group_names or ()]
    if not isinstance(names, list | tuple):
        check.fail(where, "names", "must be a list of names, or a list of them for each group", names, TypeError)
    names = [list(entry) if isinstance(entry, list | tuple) else entry for entry in names]
    if any(isinstance(entry, list) for entry in names):
        given, wanted = [len(group_names) for group_names in names], [len(group_ids) for group_ids in ids]
        if given != wanted:
            check.fail(where, "names", f"must have a list for each group, of {wanted} names", given)
        names = [name for group_names in names for name in group_names]
    flat = [id_ for group_ids in ids for id_ in group_ids]
    if len(names) != len(flat) or len(set(names)) < len(names):
        rule = f"must name each of the optimizer's {len(flat)} parameters once"
        check.fail(where, "names", rule, names)
    known = [name for group_names in stated for name in (group_names or [])]
    if known and all(stated) and known != names:
        check.fail(where, "names", f"must be those of the state, {known}", names)
    return names


def class_of(where: str, source: Source, optimizer: Any) -> str:
    """The name of torch's class: the one that the user names, or the only one that has these options."""
    groups = source.groups
    if optimizer is not None:
        name = optimizer if isinstance(optimizer, str) else getattr(optimizer, "__name__", None)
        if name not in OPTIONS:
            check.fail(where, "optimizer", f"must be one of {', '.join(OPTIONS)}", optimizer if name is None else name)
        require_options(where, "optimizer_state", name, groups)
        return name
    fitting = [name for name in OPTIONS if all(_fits(name, group) for group in groups)]
    if {"Adam", "AdamW"} <= set(fitting):
        # torch's AdamW is its Adam with decoupled decay; older versions did not write that down.
        decoupled = {group.get("decoupled_weight_decay") for group in groups}
        if decoupled != {None}:
            fitting = ["AdamW"] if decoupled == {True} else ["Adam"]
    if len(fitting) != 1:
        rule = f"must be given, one of {', '.join(fitting or OPTIONS)}: the options in the groups do not tell"
        check.fail(where, "optimizer", rule, optimizer)
    return fitting[0]


def _fits(name: str, group: Mapping[str, Any]) -> bool:
    return not _missing(name, group) and not _unknown(name, group)


_LATE = {"decoupled_weight_decay"}  # Adam and AdamW did not have it in older versions of torch


def _missing(name: str, group: Mapping[str, Any]) -> list[str]:
    options = OPTIONS[name]
    return sorted({*options.hyper, *options.flags} - (_LATE if name == "Adam" else set()) - set(group))


def _unknown(name: str, group: Mapping[str, Any]) -> list[str]:
    options = OPTIONS[name]
    known = {*options.hyper, *options.flags, *_FORMS.get(name, ()), *_SCHEDULED, *_OURS}
    return sorted(set(group) - known - (_LATE if name == "AdamW" else set()))


def require_options(where: str, argument: str, name: str, groups: Sequence[Mapping[str, Any]]) -> None:
    """Groups of ``name``'s options, all of them and no others."""
    for i, group in enumerate(groups):
        which = f"{argument}['param_groups'][{i}]"
        if missing := _missing(name, group):
            check.fail(where, which, f"must have {', '.join(missing)}, as {name}'s groups have", sorted(group))
        if unknown := _unknown(name, group):
            rule = f"must have no options but {name}'s and the schedulers' (delete what no rule reads)"
            check.fail(where, which, rule, unknown)
        if name == "AdamW" and not group.get("decoupled_weight_decay", True):
            check.fail(where, "optimizer", f"must be 'Adam' (the decay of group {i} is coupled)", name)


def forms(name: str) -> dict[str, Any]:
    """The options that choose one of torch's implementations, with torch's defaults."""
    return {**_FORMS.get(name, {}), **({"decoupled_weight_decay": True} if name == "AdamW" else {})}

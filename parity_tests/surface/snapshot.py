"""The snapshot of what users of lrjax and lrtorch rely on: names, signatures, errors, states, files, bits, texts.

``python -m parity_tests.surface.snapshot`` writes ``snapshot/*.json`` anew and prints what changed: for a change
that is meant. The files in ``files/`` stay as they are, for what was saved once must load for ever.
"""

import json
from typing import Any

import jax

from . import interface, kept_files, states, texts
from .comparing import FOLDER, Section, close, exact, none_missing, stored, within_an_ulp

SECTIONS: dict[str, Section] = {
    "names": Section(interface.names, none_missing),
    "signatures": Section(interface.signatures, exact),
    "errors": Section(interface.errors, exact),
    "state_dicts": Section(states.state_dicts, exact),
    "rates": Section(states.rates, within_an_ulp),
    "bits": Section(states.bits, exact),
    "files": Section(kept_files.files, exact),
    "texts": Section(texts.texts, exact),
    "near": Section(states.near, close(1e-4, 1e-6)),
    "muon": Section(states.muon, close(1e-4, 5e-4)),  # of rates that sum up to 0.08
}


def computed(section: str, entry: str) -> Any:
    """What is there now, as it would be stored."""
    return json.loads(json.dumps(SECTIONS[section].entries()[entry]()))


def differences(section: str, entry: str) -> list[str]:
    """What changed in an entry since the snapshot was taken."""
    if entry not in SECTIONS[section].entries():
        return [f"{section}, {entry}: is gone"]
    lines = SECTIONS[section].differences(stored(section)[entry], computed(section, entry))
    return [f"{section}, {entry}: {line}" for line in lines]


def main() -> None:
    """Write the snapshot anew, and print what changed."""
    jax.config.update("jax_platforms", "cpu")
    FOLDER.mkdir(exist_ok=True)
    kept_files.write_missing()
    for section, (entries, compare) in SECTIONS.items():
        old, new = stored(section), {name: computed(section, name) for name in entries()}
        for entry in sorted(old.keys() | new.keys()):
            if entry not in old or entry not in new:
                print(f"{section}, {entry}: {'is new' if entry in new else 'is gone'}")
            else:
                print(*(f"{section}, {entry}: {line}\n" for line in compare(old[entry], new[entry])), sep="", end="")
        text = json.dumps(new, indent=1, sort_keys=True, ensure_ascii=False)
        (FOLDER / f"{section}.json").write_text(f"{text}\n")


if __name__ == "__main__":
    main()

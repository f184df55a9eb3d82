"""Writes instance/sbom.json: what Sheaf runs on, as a CycloneDX bill of materials.

What requirements.txt pins, with the licences that the installed packages state. Exits non-zero
when a pinned package is not installed in that version.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
PINNED = re.compile(r"^[A-Za-z0-9]")


def pinned() -> list[tuple[str, str]]:
    """Name and version of each line that applies to this Python."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    wanted = [Requirement(line) for line in lines if PINNED.match(line)]
    return [
        (one.name, next(iter(one.specifier)).version)
        for one in wanted
        if one.marker is None or one.marker.evaluate()
    ]


def component(name: str, version: str) -> Component:
    """One package; its licence as it states it itself."""
    found = metadata(name)
    if found["Version"] != version:
        raise PackageNotFoundError(name)
    stated = found["License-Expression"] or found["License"] or ""
    licence = stated.strip().partition("\n")[0]
    return Component(
        name=name,
        version=version,
        type=ComponentType.LIBRARY,
        purl=PackageURL("pypi", name=name.lower(), version=version),
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
    )


def main() -> int:
    bom = Bom(components=[component(name, version) for name, version in pinned()])
    sheaf = Component(name="sheaf", type=ComponentType.APPLICATION)
    bom.metadata.component = sheaf
    bom.register_dependency(sheaf, bom.components)
    target = ROOT / "instance" / "sbom.json"
    target.parent.mkdir(exist_ok=True)
    JsonV1Dot6(bom).output_to_file(str(target), allow_overwrite=True, indent=2)
    print(f"{len(bom.components)} components: {target.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except PackageNotFoundError as missing:
        sys.exit(f"{missing.name} is not installed as requirements.txt pins it.")

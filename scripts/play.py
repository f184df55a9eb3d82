"""Play one chapter of the demo against a running Sheaf. `scripts/demo --once` calls it."""

import argparse
import sys
import time
from importlib import import_module

from visitor import Unexpected
from world import World


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chapter")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--sandbox-port", type=int, required=True)
    asked = parser.parse_args()
    chapter = import_module(f"chapters.{asked.chapter}")
    started = time.monotonic()
    print((chapter.__doc__ or "").partition("\n")[0], flush=True)
    try:
        chapter.play(World(asked.port, asked.sandbox_port))
    except (Unexpected, OSError) as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    print(f"Everything was seen to happen, in {time.monotonic() - started:.0f} s.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The whole product in a process of its own, until it is told to stop: stack.py FOLDER PORT PORT.

Its supervisor ends whatever its children leave behind, so it must not be the process of the tests,
which has a browser for a child.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from demo import Plan, running
from processes import Stopped, stop_on_signals


def main() -> None:
    folder, port, sandbox_port = sys.argv[1:]
    stop_on_signals()
    try:
        with running(Plan(Path(folder), int(port), int(sandbox_port))) as (processes, _seeded):
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            while True:
                processes.check()
                time.sleep(0.5)
    except Stopped:
        return


if __name__ == "__main__":
    main()

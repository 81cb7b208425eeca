"""A supervisor of the parts described on standard input, for tests: ``{"parts": [[name, seconds, argv], ...]}``.

Prints ``started`` once everything runs, and ``stopping NAME`` lines come from the parts themselves.
"""

import json
import sys

from miasto.launch.supervise import Part, PartFailed, Stopped, Supervisor, fail, say


def main() -> int:
    parts = json.loads(sys.argv[1])
    with Supervisor() as supervisor:
        try:
            for name, seconds, argv in parts:
                supervisor.start(Part(name, argv, prefix=f"{name}: ", stop_seconds=seconds))
            say("started")
            supervisor.run()
        except Stopped:
            supervisor.stop()
            say("stopped")
            return 0
        except PartFailed as error:
            supervisor.stop()
            return fail(error)
    return 2


sys.exit(main())

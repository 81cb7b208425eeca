"""A supervisor of the parts described by its argument, for tests: ``[[name, seconds, argv, again?], ...]``.

Prints ``started`` once everything runs, and ``stopping NAME`` lines come from the parts themselves.
"""

import json
import sys

from miasto.launch.supervise import Part, PartFailed, Stopped, Supervisor, fail, say


def main() -> int:
    parts = json.loads(sys.argv[1])
    with Supervisor() as supervisor:
        try:
            for name, seconds, argv, *again in parts:
                supervisor.start(Part(name, argv, prefix=f"{name}: ", stop_seconds=seconds, again=any(again)))
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

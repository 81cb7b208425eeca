"""``python -m miasto.launch run|test``: called by the two scripts after their set-up."""

import sys

from miasto.launch.cli import main

sys.exit(main(sys.argv[1:]))

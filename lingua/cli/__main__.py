"""`python -m lingua.cli`: the same as the command `lingua`."""

import sys

from lingua.cli.main import main

sys.exit(main())

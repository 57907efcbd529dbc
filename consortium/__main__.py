"""`python -m consortium` is the command `consortium`."""

import sys

from consortium.cli import main

sys.exit(main())

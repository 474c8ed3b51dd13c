"""The verbs of `./run` that need the installed packages."""

import os
import sys

from config.launcher.manage import manage
from config.launcher.up import up

VERBS = {"up": up, "manage": manage}

PRIVATE = 0o077

if __name__ == "__main__":
    os.umask(PRIVATE)
    sys.exit(VERBS[sys.argv[1]](sys.argv[2:]))

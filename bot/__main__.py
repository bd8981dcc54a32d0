"""`python -m bot`: run, demo, replay, migrate, token, check."""

import sys

from bot.commandline import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

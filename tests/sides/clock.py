"""The time, for servers that check it."""

import time

now = time.time

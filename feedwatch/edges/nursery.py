"""Imported by the fork server before it forks, and by nobody else: what every worker is born with.

The signals that a terminal or a supervisor sends to a whole group are the daemon's to answer: it drains first.
OpenBLAS reads its variable when numpy is loaded; one thread a worker is what the cores are for. The fork server dies
with the daemon, however that dies, and the workers with the fork server (see `workers.die_with_parent`).
"""

import os
import signal

from feedwatch.edges.workers import die_with_parent

signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.environ["OPENBLAS_NUM_THREADS"] = "1"
die_with_parent()

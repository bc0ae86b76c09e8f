"""Processes of their own, for what threads of one process cannot show."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# One process imports all there is to import and forks the others, which so begin together.
AT_ONCE = """
import sys
from multiprocessing import get_context
import commentbox
{program}
number, argument = int(sys.argv[1]), sys.argv[2]
forking = get_context("fork")
all_here, answers = forking.Barrier(number), forking.SimpleQueue()

def one():
    all_here.wait()
    answers.put(deed(argument))

processes = [forking.Process(target=one) for _ in range(number)]
for process in processes:
    process.start()
for process in processes:
    process.join()
if any(process.exitcode for process in processes):
    sys.exit("a process failed")
for _ in processes:
    print(answers.get())
"""


def run_at_once(number: int, program: str, argument: str) -> list[str]:
    """Do something in several processes at the same moment, and return what each came to.

    The program defines ``deed(argument)``. Raises AssertionError with what a process said that
    failed.
    """
    done = subprocess.run(
        [sys.executable, "-c", AT_ONCE.format(program=program), str(number), argument],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()

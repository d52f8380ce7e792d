"""The process: what it writes where the terminal or the log knows few letters."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_log_in_an_old_encoding_ends_no_command(tmp_path: Path) -> None:
    """Units stand behind a narrow space, paths may be of any script."""
    folder = tmp_path / "d\u00e9mo \u6f22"
    made = subprocess.run(
        [sys.executable, "-m", "fillplan", "init", str(folder), "--size", "tiny"],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (made.returncode, made.stderr) == (0, b"")
    assert b"demo ?" in made.stdout


def test_what_has_a_near_letter_is_written_with_it() -> None:
    script = (
        "from unittest.mock import patch\n"
        "with patch('fillplan.cli.app.run', lambda _: print('5\\u202fTB \\u2265 \\u22120.3 \\u00e9 \\u6f22') or 0):\n"
        "    from fillplan.__main__ import main; main()\n"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1:strict"}
    said = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True).stdout
    assert said == "5 TB >= -0.3 \u00e9 ?\n".encode("latin-1"), "above all no sign of a number is lost"


def test_linear_algebra_has_one_thread_whatever_the_machine_has() -> None:
    """Else the same tables would come to other bytes on another number of cores."""
    script = (
        "from unittest.mock import patch\n"
        "def threads(_):\n"
        "    import numpy, scipy.linalg\n"
        "    from threadpoolctl import threadpool_info\n"
        "    print(sorted({pool['num_threads'] for pool in threadpool_info() if pool['user_api'] == 'blas'}))\n"
        "    return 0\n"
        "with patch('fillplan.cli.app.run', threads):\n"
        "    from fillplan.__main__ import main; main()\n"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    said = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, check=True).stdout
    assert said == b"[1]\n"

"""The test vectors (vectors.json) that another implementation can be held against, and the scripts for strangers."""

import json
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from miasto.kernel.participation.voting import keys, merkle, receipts, sealing

HERE = Path(__file__).parent
SCRIPTS = HERE.parent
VECTORS = json.loads((HERE / "vectors.json").read_text())


def run(tmp_path, script, root, **files):
    """``(exit code, what it printed)`` of a script in a Python that sees none of our packages."""
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-I", "-S", SCRIPTS / script, *(tmp_path / name for name in files), root]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "utf-8"})
    return done.returncode, done.stdout


@pytest.mark.parametrize("number", range(len(VECTORS["ballots"])))
def test_a_stranger_finds_each_ballot_with_the_script(tmp_path, number):
    one = VECTORS["ballots"][number]
    files = {"receipt": json.dumps(one["receipt"]), "proof": json.dumps({"path": one["path"]})}
    code, printed = run(tmp_path, "verify.py", VECTORS["root"], **files)
    assert (code, "TAK" in printed) == (0, True)
    changed = {**one["receipt"], "digest": "00" * 32}
    code, printed = run(tmp_path, "verify.py", VECTORS["root"], receipt=json.dumps(changed), proof=files["proof"])
    assert (code, "NIE" in printed) == (1, True)


def test_a_stranger_repeats_the_root_of_the_whole_bulletin(tmp_path):
    text = "".join(f"{line}\n" for line in VECTORS["bulletin"])
    assert run(tmp_path, "verify_bulletin.py", VECTORS["root"], bulletin=text)[0] == 0
    shorter = "".join(f"{line}\n" for line in VECTORS["bulletin"][1:])
    assert run(tmp_path, "verify_bulletin.py", VECTORS["root"], bulletin=shorter)[0] == 1


def test_the_scripts_are_short_enough_to_be_read():
    for name in ("verify.py", "verify_bulletin.py"):
        lines = [line for line in (SCRIPTS / name).read_text().splitlines() if line and not line.startswith(("import", '"'))]
        assert len(lines) <= 10


def test_the_shares_of_the_vectors_open_their_ballots():
    public_key = bytes.fromhex(VECTORS["public_key"])
    key = keys.recover(VECTORS["shares"][1:], threshold=2, public_key=public_key)
    for one in VECTORS["ballots"]:
        assert sealing.encode(sealing.unseal(bytes.fromhex(one["sealed"]), key)).decode() == one["plain"]
        assert len(one["sealed"]) // 2 == VECTORS["ballot_bytes"] + 48


def test_the_receipts_of_the_vectors_are_genuine_and_their_paths_lead_to_the_root():
    for one in VECTORS["ballots"]:
        kept = one["receipt"]
        digest, signature = bytes.fromhex(kept["digest"]), bytes.fromhex(kept["signature"])
        receipt = receipts.Receipt(UUID(kept["election"]), UUID(kept["number"]), digest, signature)
        assert receipts.genuine(receipt, bytes.fromhex(VECTORS["verify_key"]))
        way = [(side, bytes.fromhex(brother)) for side, brother in one["path"]]
        assert merkle.follow(receipt.leaf, way).hex() == VECTORS["root"]

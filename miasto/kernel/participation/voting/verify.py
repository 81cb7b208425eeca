"""Is my ballot in the bulletin? python verify.py RECEIPT.json PROOF.json ROOT (any Python from 3.6, nothing else needed)."""

import hashlib
import json
import sys

receipt, proof = (json.load(open(name)) for name in sys.argv[1:3])
found = hashlib.sha256(b"\0" + bytes.fromhex(receipt["number"] + receipt["digest"])).hexdigest()
for side, other in proof["path"]:
    found = hashlib.sha256(bytes.fromhex("01" + (other + found if side == "left" else found + other))).hexdigest()
print("TAK: głos jest w biuletynie" if found == sys.argv[3] else "NIE: tego głosu nie ma w biuletynie")
sys.exit(found != sys.argv[3])

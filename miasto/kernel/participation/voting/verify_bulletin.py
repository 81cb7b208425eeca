"""Is this the whole bulletin? python verify_bulletin.py BULLETIN.txt ROOT (any Python from 3.6, nothing else needed)."""

import hashlib
import sys

with open(sys.argv[1]) as file:
    row = [hashlib.sha256(b"\0" + bytes.fromhex(line.replace(" ", ""))).digest() for line in file]
print("liczba głosów:", len(row))
while len(row) > 1:
    pairs = [hashlib.sha256(b"\1" + row[at] + row[at + 1]).digest() for at in range(0, len(row) - 1, 2)]
    row = pairs + row[len(pairs) * 2 :]
root = row[0].hex() if row else hashlib.sha256(b"").hexdigest()
print("TAK: biuletyn jest cały" if root == sys.argv[2] else "NIE: to inny biuletyn")
sys.exit(root != sys.argv[2])

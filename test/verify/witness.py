#!/usr/bin/env python3
"""A witness for tests: signs checkpoints after C2SP tlog-cosignature, with a seed that anybody may know.

    witness.py key NAME SEED           prints the verifier key; SEED is 64 hexadecimal digits
    witness.py sign NAME SEED TIME     reads a checkpoint's text, prints the signature line
"""

import base64
import hashlib
import sys

import ed25519

COSIGNATURE = b"\x04"


def expand(seed):
    """The secret number and the prefix of RFC 8032, 5.1.5."""
    h = hashlib.sha512(seed).digest()
    number = int.from_bytes(h[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    return number, h[32:]


def public_key(seed):
    return ed25519.compress(ed25519.multiply(expand(seed)[0], ed25519.BASE))


def sign(seed, message):
    number, prefix = expand(seed)
    key = public_key(seed)
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % ed25519.L
    point = ed25519.compress(ed25519.multiply(r, ed25519.BASE))
    k = int.from_bytes(hashlib.sha512(point + key + message).digest(), "little") % ed25519.L
    return point + ((r + k * number) % ed25519.L).to_bytes(32, "little")


def main(command, name, seed, time="0"):
    seed = bytes.fromhex(seed)
    key = COSIGNATURE + public_key(seed)
    key_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    if command == "key":
        print(f"{name}+{key_id.hex()}+{base64.b64encode(key).decode()}")
        return
    text = sys.stdin.buffer.read()
    signature = sign(seed, b"cosignature/v1\ntime " + time.encode() + b"\n" + text)
    line = base64.b64encode(key_id + int(time).to_bytes(8, "big") + signature).decode()
    print(f"— {name} {line}")


if __name__ == "__main__":
    main(*sys.argv[1:])

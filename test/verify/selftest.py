"""What verify_log.py itself must get right, before it tells anybody that a log is."""

import base64
import hashlib
import json
import os
import re
import struct

import canon
import ed25519
import entry
import merkle
import note
from fault import Fault, need

PAGE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/trace-format.md")
EXAMPLE = r"```json\n(\{.*?\})\n```\n```\npayload\n(.*?)payload_hash\n(.*?)entry\n(.*?)leaf\n(.*?)```"

# RFC 8032, 7.1: public key, message, signature.
RFC_8032 = (
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
    ("ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
     "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
     "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704"),
)

# RFC 6962 roots of the first n leaves, which Certificate Transparency's code tests with.
LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


class Checks:
    """How many there were; the first that fails ends them."""

    def __init__(self):
        self.count = 0

    def ok(self, condition, what):
        self.count += 1
        need(condition, "self test: " + what)

    def refused(self, what, function, *args):
        try:
            function(*args)
        except Fault:
            self.count += 1
            return
        raise Fault("self test: accepts " + what)


def check_signatures(checks):
    for key, message, signature in RFC_8032:
        key, message, signature = map(bytes.fromhex, (key, message, signature))
        checks.ok(ed25519.verify(key, message, signature), "RFC 8032 signature")
        for i in (0, 31, 32, 63):
            wrong = signature[:i] + bytes([signature[i] ^ 1]) + signature[i + 1:]
            checks.ok(not ed25519.verify(key, message, wrong), "signature with another byte")
        checks.ok(not ed25519.verify(key, message + b"x", signature), "signature of another message")
        s = int.from_bytes(signature[32:], "little") + ed25519.L
        checks.ok(not ed25519.verify(key, message, signature[:32] + s.to_bytes(32, "little")), "s beyond the order")
        checks.ok(not ed25519.verify(key, message, signature[:63]), "short signature")
    p = ed25519.P
    # y = 1 written as p + 1, the point (0, 1) with a sign, and y = 2, which is on no point.
    for y, sign in ((p + 1, 0), (p, 0), (1, 1), (p - 1, 1), (2, 0)):
        checks.ok(ed25519.decompress((y | sign << 255).to_bytes(32, "little")) is None, "no canonical point")
    checks.ok(ed25519.decompress((1).to_bytes(32, "little")) == (0, 1, 1, 0), "the neutral point")
    # With the neutral point as key, k counts for nothing: R and s = 0 are a signature, but R = p + 1 is none.
    neutral = (1).to_bytes(32, "little")
    checks.ok(ed25519.verify(neutral, b"", neutral + bytes(32)), "R as it should be")
    checks.ok(not ed25519.verify(neutral, b"", (p + 1).to_bytes(32, "little") + bytes(32)), "R written otherwise")


def naive_root(hashes):
    """MTH as RFC 6962 defines it."""
    if len(hashes) < 2:
        return merkle.root_of(hashes)
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return merkle.node_hash(naive_root(hashes[:k]), naive_root(hashes[k:]))


def naive_proof(index, hashes):
    if len(hashes) < 2:
        return []
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    if index < k:
        return naive_proof(index, hashes[:k]) + [naive_root(hashes[k:])]
    return naive_proof(index - k, hashes[k:]) + [naive_root(hashes[:k])]


def check_tree(checks):
    leaves = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
    checks.ok(merkle.root_of([]) == hashlib.sha256(b"").digest(), "root of nothing")
    for n, root in ROOTS.items():
        checks.ok(merkle.root_of(leaves[:n]).hex() == root, "root of %d" % n)
    many = [merkle.leaf_hash(bytes([i])) for i in range(40)]
    for n in range(1, 41):
        root = naive_root(many[:n])
        checks.ok(merkle.root_of(many[:n]) == root, "root of %d" % n)
        for i in range(n):
            proof = naive_proof(i, many[:n])
            checks.ok(merkle.root_of_inclusion(many[i], i, n, proof) == root, "proof of %d in %d" % (i, n))
            for other in (proof[:-1], proof + [root]):
                if other != proof:
                    checks.ok(merkle.root_of_inclusion(many[i], i, n, other) != root, "proof of another length")
            checks.ok(merkle.root_of_inclusion(many[i], i + 1, n, proof) != root, "proof of another index")
    checks.ok(merkle.tile_name(1234067) == "x001/x234/067" and merkle.tile_name(0) == "000", "names of tiles")
    checks.ok(merkle.paths_of(0) == set(), "no tiles of nothing")
    checks.ok(merkle.paths_of(256) == {"tile/0/000", "tile/entries/000", "tile/1/000.p/1"}, "one full tile")
    paths = merkle.paths_of(70000)
    checks.ok(len(paths) == 2 * 274 + 2 + 1 and {"tile/0/273.p/112", "tile/entries/273.p/112", "tile/1/000",
              "tile/1/001.p/17", "tile/2/000.p/1"} < paths, "three levels of tiles")


def check_text(checks):
    for text in ("YQ", "YQ==\n", "Y Q==", "YR==", "YQ=", "YQ==YQ==", "Y-Q="):
        checks.refused("base64 " + repr(text), note.decode, text, "")
    checks.ok(note.decode("YQ==", "") == b"a", "base64")
    # The key of Go's checksum database.
    key = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
    checks.ok(note.VerifierKey(key).name == "sum.golang.org", "the key of sum.golang.org")
    for wrong in (key.replace("033d", "033e"), key.replace("sum", "sun"), key[:-4], "x+" + key, key.split("+")[0]):
        checks.refused("verifier key " + wrong, note.VerifierKey, wrong)
    for text in ("00", "01", "-1", "+1", "", "1 ", "1\n", "\u0661"):
        checks.refused("number " + repr(text), note.number, text, "")
    for raw in ('{"a":1,"a":2}', '{"b":1,"a":2}', "1.0", "10", "0e1", "-0", "01", "1E1", "1e+1", "1e01", "NaN", " 1", "1 ", '"\\u0041"',
                '"\\/"', '"\\n"', '"\n"', '"\\u000A"', '"\\ud800"', "[1, 2]", "", "nul", "[1,]"):
        checks.refused("JSON " + repr(raw), canon.check, raw.encode())
    checks.refused("JSON that is not UTF-8", canon.check, b'"\xff"')
    for raw in ("1e1", "-12e2", "0", '"\\u000a\x7f\\"\\\\/"', "[]", "{}", '{"":[null,true,false]}'):
        canon.check(raw.encode())


def sign(seed, message):
    """RFC 8032, 5.1.6: the public key of a seed, and its signature."""
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little") & (1 << 254) - 8 | 1 << 254
    public = ed25519.compress(ed25519.multiply(a, ed25519.BASE))
    r = int.from_bytes(hashlib.sha512(h[32:] + message).digest(), "little") % ed25519.L
    point = ed25519.compress(ed25519.multiply(r, ed25519.BASE))
    k = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little")
    return public, point + ((r + k * a) % ed25519.L).to_bytes(32, "little")


def signature_line(text, name="log", signer=None):
    """The line of a made-up key, and that key."""
    public, signature = sign(b"s" * 32, text.encode())
    key = b"\x01" + public
    vkey = "log+%s+%s" % (note.key_id("log", key).hex(), base64.b64encode(key).decode())
    raw = note.key_id("log", key) + (signature if signer is None else signer)
    return "\u2014 %s %s\n" % (name, base64.b64encode(raw).decode()), note.VerifierKey(vkey)


def check_notes(checks):
    root = base64.b64encode(bytes(32)).decode()
    text = "log\n1\n%s\n" % root
    line, key = signature_line(text)
    other = "\u2014 witness AAAAAAA=\n"
    for lines in (line, other + line, line + other, line + line):
        checks.ok(note.open_checkpoint((text + "\n" + lines).encode(), key) == (1, bytes(32)), "a signed checkpoint")
    bad, _ = signature_line(text, signer=bytes(64))
    short, _ = signature_line(text, signer=b"")
    named, _ = signature_line(text, name="gol")
    for lines in ("", other, named, bad, bad + line, line + bad, short, short + line, line[:-1], line + "\n", line + "x\n", "-" + line[1:],
                  line + other[:-1].replace("witness", "wit+ness") + "\n", line + "\u2014 witness AAAAAA==\n", line + "\u2014 witness x\n"):
        checks.refused("the signatures " + repr(lines), note.open_checkpoint, (text + "\n" + lines).encode(), key)
    checks.refused("a note without text's end", note.open_checkpoint, (text + line).encode(), key)
    checks.refused("a note that is not UTF-8", note.open_checkpoint, (text + "\n" + line).encode() + b"\xff\n", key)
    for wrong in (text + "more\n", "log\n1\n", text.replace("log", "gol"), text.replace("1", "01"), "log\n1\nAAAA\n", "log\n1\n%s\r\n" % root):
        signed = (wrong + "\n" + signature_line(wrong)[0]).encode()
        checks.refused("the checkpoint " + repr(wrong), note.open_checkpoint, signed, key)
    controls = "log\n1\n%s\n" % root + "\x01\n"
    checks.refused("control characters", note.open_note, (controls + "\n" + signature_line(controls)[0]).encode(), key)
    for algorithm, size in ((2, 32), (1, 31), (4, 32)):
        raw = bytes([algorithm]) + bytes(size)
        vkey = "log+%s+%s" % (note.key_id("log", raw).hex(), base64.b64encode(raw).decode())
        checks.refused("a key of another kind", note.VerifierKey, vkey)
    proof = "c2sp.org/tlog-proof@v1\nindex 5\n%s\n\nrest" % root
    checks.ok(note.open_proof(proof.encode()) == (5, [bytes(32)], b"rest"), "a proof")
    for wrong in (proof.replace("@v1", "@v2"), proof.replace("index 5\n", ""), proof.replace("index 5\n", "extra AA==\nindex 5\n"), proof.replace("5", "05"),
                  proof.replace(root, "AAAA"), proof.replace("\n\n", "\n"), proof.replace(root, "\u00e9"), "c2sp.org/tlog-proof@v1\n\nrest"):
        checks.refused("the proof " + repr(wrong), note.open_proof, wrong.encode())


def joined(text):
    return "".join(text.split())


def check_entries(checks, good):
    """Whatever byte of the frame is another, the entry is refused, or is another event's or log's."""
    for i in range(5):
        checks.refused("another magic or format", entry.parse_entry, good[:i] + b"\xff" + good[i + 1:])
    for n in range(len(good)):
        checks.refused("a short entry", entry.parse_entry, good[:n])
    checks.refused("a long entry", entry.parse_entry, good + b"x")
    first = 45 + 15
    for wrong in (good[:45] + good[first:], good[:first] + good[45:first] + good[first:], good[:first] + b"\0\x15\1\0\0\0\0" + good[first:],
                  good[:47] + b"\1" + good[48:], good[:-32] + b"\0\x15\2\0\0\0\0" + good[-32:]):
        checks.refused("a frame that is wrong", entry.parse_entry, wrong)


def check_values(checks):
    """A value that is not of its field's type."""
    good = {1: bytes(8), 2: bytes(8), 4: "\u00e9".encode(), 10: bytes(16), 11: bytes(8), 13: bytes(16), 14: b"\1", 16: b"{}"}
    wrong = {1: bytes(7), 2: bytes(9), 4: b"\xff", 10: bytes(8), 11: bytes(16), 13: bytes(8), 14: b"\2", 16: b"{ }"}
    for field, value in good.items():
        kind = entry.ENTRY_FIELDS[field][1]
        for raw, right in ((value, True), (wrong[field], False)):
            parts = (struct.pack(">HBI", field, kind, len(raw)) + raw, entry.ENTRY_FIELDS)
            if right:
                checks.ok(entry.parse_fields(*parts) == {entry.ENTRY_FIELDS[field][0]: raw}, "a field's value")
            else:
                checks.refused("a value of field %d" % field, entry.parse_fields, *parts)
    # The ends of PostgreSQL's times.
    checks.ok(entry.microseconds("infinity") == 2**63 - 1 + 946684800000000 - 2**64, "infinity wraps")
    checks.ok(entry.microseconds("-infinity") == -2**63 + 946684800000000, "-infinity does not")


def check_page(checks, check_row):
    """The test vectors of the specification."""
    with open(PAGE, encoding="utf-8") as file:
        page = file.read().partition("## Test vectors")[2]
    cases = re.findall(r"^\| `(.*?)` \| `(.*?)` \|$", page, re.M)
    checks.ok(len(cases) >= 10, "the page has examples of JSON")
    for text, wanted in cases:
        checks.ok(canon.canonical(canon.parse(text)).decode() == wanted, "canonical JSON of " + text)
    log_id = bytes.fromhex(joined(re.search("log `(.*?)`", page).group(1)).replace("-", ""))
    examples = re.findall(EXAMPLE, page, re.S)
    checks.ok(len(examples) == 3, "the page has three examples")
    for text, payload, payload_hash, whole, leaf in examples:
        row = dict.fromkeys(entry.columns())
        row.update(json.loads(text), payload_hash=joined(payload_hash), leaf=joined(leaf))
        checks.ok(entry.encode_fields(row, entry.PAYLOAD_FIELDS).hex() == joined(payload), "the page's payload")
        checks.ok(entry.payload_hash_of(row).hex() == joined(payload_hash), "the page's payload hash")
        made = entry.entry_of(log_id, row, entry.payload_hash_of(row))
        checks.ok(made.hex() == joined(whole), "the page's entry")
        checks.ok(entry.parse_entry(made) == (log_id, row["event_id"]), "the page's entry parses")
        check_row(log_id, row)
        checks.refused("another leaf", check_row, log_id, dict(row, leaf=joined(payload_hash)))
        checks.refused("a payload without salt", check_row, log_id, dict(row, salt=None))
        checks.refused("a salt cut off", check_row, log_id, dict(row, salt=row["salt"][:-2]))
        check_row(log_id, dict(row, salt=None, message=None, body=None, attributes=None, violations=None, claimed_component=None))
        check_entries(checks, made)


def run(check_row):
    checks = Checks()
    check_signatures(checks)
    check_tree(checks)
    check_text(checks)
    check_notes(checks)
    check_values(checks)
    check_page(checks, check_row)
    return checks.count

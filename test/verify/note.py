"""Signed notes, checkpoints, verifier keys and tlog-proofs, as C2SP defines them."""

import base64
import binascii
import hashlib
import re

import ed25519
from fault import Fault, need

ED25519 = 1


def decode(text, what):
    """Base64 with its padding, and nothing that encodes otherwise again."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Fault(what + ": not base64") from None
    need(base64.b64encode(raw).decode() == text, what + ": not the canonical base64")
    return raw


def good_name(name):
    return name != "" and "+" not in name and not any(c.isspace() for c in name)


class VerifierKey:
    """name+id+base64 of the algorithm and the public key."""

    def __init__(self, vkey):
        parts = vkey.split("+", 2)
        need(len(parts) == 3 and good_name(parts[0]) and re.fullmatch("[0-9a-f]{8}", parts[1]), "the verifier key is none")
        self.name = parts[0]
        self.id = bytes.fromhex(parts[1])
        key = decode(parts[2], "the verifier key")
        need(len(key) == 33 and key[0] == ED25519, "the verifier key is not of Ed25519")
        need(key_id(self.name, key) == self.id, "the verifier key's id is not that of its key")
        self.public = key[1:]


def key_id(name, key):
    return hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]


def open_note(raw, key):
    """The text of a signed note, once the key's signature of it is found good."""
    try:
        note = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Fault("the note is not UTF-8") from None
    need(all(c == "\n" or c >= " " for c in note), "the note has control characters")
    text, blank, signatures = note.rpartition("\n\n")
    need(blank and signatures.endswith("\n"), "the note has no signatures")
    text += "\n"
    good = 0
    for line in signatures[:-1].split("\n"):
        parts = line.split(" ")
        need(len(parts) == 3 and parts[0] == "\u2014" and good_name(parts[1]), "the note has a line that is no signature")
        signature = decode(parts[2], "a signature")
        need(len(signature) > 4, "a signature is too short")
        if (parts[1], signature[:4]) == (key.name, key.id):
            need(ed25519.verify(key.public, text.encode(), signature[4:]), "the note's signature is wrong")
            good += 1
    need(good > 0, "the note is not signed by " + key.name)
    return text


def number(text, what):
    need(re.fullmatch("0|[1-9][0-9]{0,18}", text), what + " is no number")
    return int(text)


def open_checkpoint(raw, key, origin=None):
    """Size and root of a signed checkpoint of this origin, which is the key's name if not given."""
    lines = open_note(raw, key).split("\n")
    need(len(lines) == 4, "the checkpoint has not three lines")
    need(lines[0] == (origin or key.name), "the checkpoint is of another log")
    root = decode(lines[2], "the checkpoint's root")
    need(len(root) == 32, "the checkpoint's root is not a hash")
    return number(lines[1], "the checkpoint's size"), root


def open_proof(raw):
    """Index, inclusion proof and signed note of a tlog-proof."""
    head, blank, checkpoint = raw.partition(b"\n\n")
    need(blank, "the proof has no checkpoint")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        raise Fault("the proof is not ASCII") from None
    need(lines[0] == "c2sp.org/tlog-proof@v1", "the proof's first line is another format's")
    need(len(lines) > 1 and lines[1].startswith("index "), "the proof has no index")
    hashes = [decode(line, "the proof") for line in lines[2:]]
    need(all(len(h) == 32 for h in hashes), "the proof has a line that is no hash")
    return number(lines[1][len("index "):], "the proof's index"), hashes, checkpoint

"""An independent verifier of Lifeboat's logbook, written from docs/formats/logbook.md alone.

Usage: verifier.py VERIFYING_KEY_HEX [DATA_KEY_HEX|-] FOLDER... ; prints one JSON line per folder and book:
book, entries, clean, flaw_file, flaw_entry, what, unfinished, after_last_head, seal, bodies (SHA-256 over every body's
length as u64 and the body).
"""
import hashlib, hmac, json, os, re, struct, sys

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

ZERO = bytes(32)


class Flaw(Exception):
    def __init__(self, file, entry, what):
        super().__init__(what)
        self.file, self.entry, self.what = file, entry, what


def hkdf(secret, salt, info):
    prk = hmac.new(salt or bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\x01", hashlib.sha256).digest()


def signed(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def name_field(data):
    length = data[0]
    if not 1 <= length <= 40 or any(data[1 + length :]):
        return None
    try:
        return data[1 : 1 + length].decode()
    except UnicodeDecodeError:
        return None


def stem_of(book):
    return "".join(chr(b) if re.match(rb"[a-z0-9_]", bytes([b])) else "%%%02x" % b for b in book.encode())


def book_of(stem):
    raw = re.sub(rb"%([0-9a-f]{2})", lambda m: bytes([int(m[1], 16)]), stem.encode())
    try:
        book = raw.decode()
    except UnicodeDecodeError:
        return None
    return book if stem_of(book) == stem else None


def commit_header(data):
    if len(data) < 64 or data[:8] != b"LBCOMMIT" or any(data[28:32]):
        return None
    payload, entries, first, attempt = struct.unpack_from("<IIQI", data, 8)
    if entries == 0 or first == 0 or first + entries >= 1 << 64 or payload < entries * 64 or payload > 134_217_728:
        return None
    return payload, entries, first, attempt, data[32:64]


def parse_head(data):
    if len(data) != 256 or data[:8] != b"LBHEAD01" or any(data[24:32]) or any(data[137:192]):
        return None
    size, _at = struct.unpack_from("<Qq", data, 8)
    key, book = data[64:96], name_field(data[96:137])
    if book is None or not signed(key, data[:192], data[192:]):
        return None
    return size, data[32:64], key, book


class Book:
    def __init__(self, folder, book, key, data_key):
        self.folder, self.book, self.key = folder, book, key
        self.book_key = data_key and hkdf(data_key, None, b"book:" + book.encode())
        self.entries, self.seal, self.link = 0, ZERO, ZERO
        self.bodies = hashlib.sha256()
        self.unfinished, self.last_head, self.promised = False, 0, {}

    def path(self, ordinal):
        return os.path.join(self.folder, "%s-%08d.segment" % (stem_of(self.book), ordinal))

    def heads(self):
        path = os.path.join(self.folder, stem_of(self.book) + ".heads")
        flaw, before = None, 0
        data = open(path, "rb").read() if os.path.exists(path) else b""
        for start in range(0, len(data), 256):
            head = parse_head(data[start : start + 256])
            if head is None or head[0] <= before:
                flaw = flaw or Flaw(path, None, "a head is not whole, not signed or not larger")
                continue
            before = head[0]
            if head[2] != self.key or head[3] != self.book:
                flaw = flaw or Flaw(path, None, "a head of another book or site")
                continue
            self.promised[head[0]] = head[1]
            self.last_head = head[0]
        return flaw

    def header(self, path, data, ordinal):
        if len(data) < 320 or data[:8] != b"LBSEGM01" or any(data[12:16]) or any(data[201:256]):
            raise Flaw(path, None, "the header is not whole")
        own, first = struct.unpack_from("<I4xQ", data, 8)
        book, key = name_field(data[160:201]), data[128:160]
        if book is None or first == 0 or not signed(key, data[:256], data[256:320]):
            raise Flaw(path, None, "the header is not signed")
        if book != self.book or own != ordinal or key != self.key:
            raise Flaw(path, first, "the header belongs elsewhere")
        due = self.entries + 1
        if ordinal > 1 and first > due:
            raise Flaw(self.path(ordinal - 1), due, "the segment ends before this entry")
        if first != due or data[64:96] != self.link or data[96:128] != self.seal:
            raise Flaw(path, due, "the header does not take up where the book stands")
        self.link = hashlib.sha256(b"LBSEGLNK" + data[:256]).digest()
        return self.book_key and ChaCha20Poly1305(hkdf(self.book_key, data[32:64], b"lifeboat segment"))

    def commit(self, path, data, offset, cipher):
        """Checks one commit; returns where it ends. Entries count only when the whole commit is right."""
        number = self.entries + 1
        header = commit_header(data[offset : offset + 64])
        if header is None:
            raise Flaw(path, number, "the commit's header is not as it must be")
        payload, count, first, attempt, previous = header
        if first != number or previous != self.link:
            raise Flaw(path, number, "the commit does not fit")
        at, end, link, bodies = offset + 64, offset + 64 + payload, self.link, []
        for number in range(first, first + count):
            if at + 16 > min(end, len(data)):
                raise Flaw(path, number, "the entry does not fit")
            head = data[at : at + 16]
            (length,) = struct.unpack_from("<I", head)
            left = first + count - 1 - number
            stop = at + 64 + length
            if head[6:8] != b"\0\0" or length > 67_108_864 or stop + 64 * left > end or (left == 0 and stop != end) or stop > len(data):
                raise Flaw(path, number, "the entry does not fit")
            sealed, seal = data[at + 16 : stop - 32], data[stop - 32 : stop]
            place = struct.pack("<QI", number, attempt)
            if hashlib.sha256(b"LBENTRY1" + link + place + head + sealed).digest() != seal:
                raise Flaw(path, number, "the seal is wrong")
            if cipher:
                try:
                    bound = b"LBBODY01" + link + place + head + self.book.encode()
                    bodies.append(cipher.decrypt(place, sealed, bound))
                except InvalidTag:
                    raise Flaw(path, number, "the entry is not as it was sealed") from None
            if self.promised.get(number, seal) != seal:
                error = Flaw(path, number, "a head gives this entry another seal")
                error.final = True
                raise error
            link, at = seal, stop
        for body in bodies:
            self.bodies.update(struct.pack("<Q", len(body)) + body)
        self.entries, self.seal, self.link = first + count - 1, link, link
        return end

    def later_commit(self, tail):
        at = tail.find(b"LBCOMMIT")
        while at >= 0:
            header = commit_header(tail[at : at + 64])
            if header and header[2] > self.entries + 1:
                return True
            at = tail.find(b"LBCOMMIT", at + 1)
        return False

    def segment(self, path, ordinal, last):
        data = open(path, "rb").read()
        cipher = self.header(path, data[:320], ordinal)
        offset, flaw = 320, None
        while offset < len(data) and any(data[offset : offset + 8]):
            try:
                offset = self.commit(path, data, offset, cipher)
            except Flaw as error:
                if getattr(error, "final", False):
                    raise
                flaw = error
                break
        tail = data[offset:]
        if flaw is None and tail and (not last or any(tail)):
            flaw = Flaw(path, self.entries + 1, "bytes follow the last commit")
        if flaw is None:
            return
        promised = max(self.promised, default=0) > self.entries
        if last and not promised and not self.later_commit(tail):
            self.unfinished = True
            return
        raise flaw

    def walk(self, names):
        pattern = re.compile(re.escape(stem_of(self.book)) + r"-(\d{8})\.segment$")
        ordinals = sorted(int(m[1]) for m in map(pattern.match, names) if m)
        for due, have in enumerate(ordinals, 1):
            if due != have:
                raise Flaw(self.path(due), None, "the segment is missing")
        for ordinal in ordinals:
            self.segment(self.path(ordinal), ordinal, ordinal == ordinals[-1])
        for size in sorted(self.promised):
            if size > self.entries:
                raise Flaw(self.path(max(1, len(ordinals))), self.entries + 1, "a head speaks of more entries")

    def verdict(self, names):
        head_flaw = self.heads()
        flaw = None
        try:
            self.walk(names)
        except Flaw as error:
            flaw = error
        flaw = flaw or head_flaw
        return {
            "book": self.book,
            "entries": self.entries,
            "clean": flaw is None and not self.unfinished,
            "flaw_file": flaw and os.path.basename(flaw.file),
            "flaw_entry": flaw and flaw.entry,
            "what": flaw and flaw.what,
            "unfinished": self.unfinished,
            "after_last_head": max(0, self.entries - self.last_head),
            "seal": self.seal.hex(),
            "bodies": self.bodies.hexdigest(),
        }


def main():
    key, data_key = bytes.fromhex(sys.argv[1]), sys.argv[2]
    data_key = None if data_key == "-" else bytes.fromhex(data_key)
    for folder in sys.argv[3:]:
        names = sorted(os.listdir(folder))
        stems = {m[1] for m in (re.match(r"([a-z0-9_%]+)(?:-\d{8}\.segment|\.heads)$", n) for n in names) if m}
        for book in sorted(filter(None, map(book_of, stems))):
            print(json.dumps({"folder": folder, **Book(folder, book, key, data_key).verdict(names)}))


if __name__ == "__main__":
    main()

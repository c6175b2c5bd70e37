"""An independent reader of Lifeboat's key shares and key files, written from docs/formats/keys.md alone.

Usage: keys.py shares WORD_LIST < lines of twenty words
           prints for each line: ceremony needed number value (hex), or "-" when the words do not fit
       keys.py join WORD_LIST < lines of several shares, "|" between them
           prints the secret (hex) of each line
       keys.py open WORD_LIST KEY_FILE phrase PHRASE | shares "WORDS|WORDS" | machine KEY_FILE
           prints data key, signing seed and kit key (hex); needs the package `cryptography`
"""
import hashlib, hmac, struct, sys


def field(a, b, bits, modulus):
    product = 0
    for n in range(bits):
        if b >> n & 1:
            product ^= a << n
    for n in range(2 * bits, bits - 1, -1):
        if product >> n & 1:
            product ^= modulus << (n - bits)
    return product


def times(a, b):
    return field(a, b, 8, 0x11B)


def over(a, b):
    return times(a, next(c for c in range(1, 256) if times(b, c) == 1))


def fits(places):
    for root in (1, 2, 4, 8):
        value = 0
        for place in places:
            value = field(value, root, 10, 0x409) ^ place
        if value:
            return False
    return len(places) == 20


def read(words, line):
    places = [words.index(word) for word in line.split()]
    if not fits(places):
        return None
    bits = "".join(f"{place:010b}" for place in places[:16])
    ceremony, version, needed, number = (int(part, 2) for part in (bits[:20], bits[20:22], bits[22:26], bits[26:30]))
    assert version == 0 and bits[158:] == "00"
    return ceremony, needed, number, int(bits[30:158], 2).to_bytes(16, "big")


def join(shares):
    points = [(number, value) for _, needed, number, value in shares][: shares[0][1]]
    secret = bytearray(16)
    for x, value in points:
        weight = 1
        for other, _ in points:
            if other != x:
                weight = times(weight, over(other, other ^ x))
        for n in range(16):
            secret[n] ^= times(weight, value[n])
    return bytes(secret)


def hkdf(secret, salt, info):
    prk = hmac.new(salt or bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\x01", hashlib.sha256).digest()


def opened(file, wrapping_of):
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    assert hashlib.sha256(file[:-32]).digest() == file[-32:]
    magic, count, zero, change, at = struct.unpack_from("<8sHHIq", file)
    assert magic == b"LBKEYS02" and len(file) == 128 + 168 * count
    for n in range(count):
        slot = file[64 + 168 * n : 64 + 168 * (n + 1)]
        wrapping = wrapping_of(slot)
        if wrapping is None:
            continue
        try:
            bound = magic + file[32:64] + slot[:56]
            secret = ChaCha20Poly1305(wrapping).decrypt(bytes(12), slot[56:], bound)
        except InvalidTag:
            continue
        body = file[: 64 + 168 * count]
        seal = hkdf(secret[:32], None, b"lifeboat key file" + hashlib.sha256(body).digest())
        assert seal == file[len(body) : len(body) + 32]
        return secret
    return None


def by_phrase(phrase):
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    def wrapping(slot):
        kind, number, zero, at, memory, passes, lanes = struct.unpack_from("<HHIqIII", slot)
        if kind != 1:
            return None
        kdf = Argon2id(salt=slot[40:56], length=32, iterations=passes, lanes=lanes, memory_cost=memory)
        return kdf.derive(" ".join(phrase.split()).encode())

    return wrapping


def by_secret(kind, secret, info):
    return lambda slot: hkdf(secret, slot[40:56], info) if struct.unpack_from("<H", slot)[0] == kind else None


def main():
    words = open(sys.argv[2]).read().split()
    if sys.argv[1] == "shares":
        for line in sys.stdin:
            share = read(words, line)
            print("-" if share is None else " ".join([*map(str, share[:3]), share[3].hex()]))
    elif sys.argv[1] == "join":
        for line in sys.stdin:
            print(join([read(words, share) for share in line.split("|")]).hex())
    else:
        file, how, what = open(sys.argv[3], "rb").read(), sys.argv[4], sys.argv[5]
        if how == "phrase":
            way = by_phrase(what)
        elif how == "shares":
            way = by_secret(2, join([read(words, share) for share in what.split("|")]), b"lifeboat key shares")
        else:
            way = by_secret(3, open(what, "rb").read(), b"lifeboat machine key")
        secret = opened(file, way)
        print("-" if secret is None else secret.hex())


main()

"""Check digits and checksums of the formats that carry one.

Written from the public descriptions (ISO 7812, ISO 13616, BIP-173, BIP-350,
EIP-55, FIPS 202's permutation), so that a mistake of the sanitizer's is not
repeated here.
"""

import hashlib

BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'


def luhn_digit(digits):
    """The digit that makes digits + digit pass the Luhn test."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def iban_check(country, bban):
    """The two check digits of an IBAN (mod 97)."""
    numbers = ''.join(str(int(c, 36)) for c in bban + country + '00')
    return '%02d' % (98 - int(numbers) % 97)


def base58check(version, payload):
    """version byte and payload in base58 with four bytes of double SHA-256."""
    data = bytes([version]) + payload
    data += hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    number, text = int.from_bytes(data, 'big'), ''
    while number:
        number, rest = divmod(number, 58)
        text = BASE58[rest] + text
    return '1' * (len(data) - len(data.lstrip(b'\0'))) + text


def _polymod(values):
    generator = (0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3)
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1ffffff) << 5 ^ value
        for bit in range(5):
            check ^= generator[bit] if top >> bit & 1 else 0
    return check


def _five_bits(data):
    bits = ''.join('{:08b}'.format(byte) for byte in data)
    bits += '0' * (-len(bits) % 5)
    return [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]


def bech32(hrp, data, version=None):
    """hrp and data in bech32; a witness version above 0 makes it bech32m."""
    values = ([] if version is None else [version]) + _five_bits(data)
    expanded = [ord(c) >> 5 for c in hrp] + [0] + [ord(c) & 31 for c in hrp]
    constant = 0x2bc830a3 if version else 1
    check = _polymod(expanded + values + [0] * 6) ^ constant
    values += [check >> 5 * (5 - i) & 31 for i in range(6)]
    return hrp + '1' + ''.join(BECH32[v] for v in values)


def _round_constants():
    state = 1
    for _ in range(24):
        constant = 0
        for bit in range(7):
            if state & 1:
                constant |= 1 << (1 << bit) - 1
            state = state << 1 ^ (0x171 if state & 0x80 else 0)
        yield constant


def _rotate(word, count):
    return (word << count | word >> 64 - count) & (1 << 64) - 1 if count else word


def _permute(a):
    """Keccak-f[1600] on 25 lanes; lane (x, y) is a[x + 5 * y]."""
    for constant in _round_constants():
        column = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        mix = [column[x - 1] ^ _rotate(column[(x + 1) % 5], 1) for x in range(5)]
        a = [a[i] ^ mix[i % 5] for i in range(25)]
        x, y, current = 1, 0, a[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, a[x + 5 * y] = (
                a[x + 5 * y], _rotate(current, (step + 1) * (step + 2) // 2 % 64))
        a = [a[i] ^ (~a[i // 5 * 5 + (i + 1) % 5] & a[i // 5 * 5 + (i + 2) % 5])
             for i in range(25)]
        a[0] ^= constant
    return a


def keccak256(data):
    """Keccak-256 as Ethereum uses it: padding 0x01, not SHA-3's 0x06."""
    rate = 136
    data += b'\x01' + b'\0' * (-(len(data) + 1) % rate)
    data = data[:-1] + bytes([data[-1] | 0x80])
    a = [0] * 25
    for start in range(0, len(data), rate):
        for lane in range(rate // 8):
            at = start + 8 * lane
            a[lane] ^= int.from_bytes(data[at:at + 8], 'little')
        a = _permute(a)
    return b''.join(lane.to_bytes(8, 'little') for lane in a[:4])


def eip55(address):
    """address (20 bytes) as 0x and 40 digits whose case is the checksum."""
    digits = address.hex()
    check = keccak256(digits.encode()).hex()
    return '0x' + ''.join(
        c.upper() if int(k, 16) > 7 else c for c, k in zip(digits, check))


def self_test():
    """Published examples of each algorithm."""
    assert luhn_digit('7992739871') == '3'
    assert iban_check('GB', 'WEST12345698765432') == '82'
    assert base58check(0, bytes.fromhex('010966776006953d5567439e5e39f86a0d273bee')) \
        == '16UwLL9Risc3QfPqBUvKofHmBQ7wMtjvM'
    assert bech32('bc', bytes.fromhex('751e76e8199196d454941c45d1b3a323f1433bd6'), 0) \
        == 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'
    assert keccak256(b'').hex().startswith('c5d2460186f7233c927e7db2dcc703c0')
    assert eip55(bytes.fromhex('5aaeb6053f3e94c9b9a09f33669435e7ef1beaed')) \
        == '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'


if __name__ == '__main__':
    self_test()

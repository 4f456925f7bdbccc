"""Trees of files to export, the same bytes on every machine."""
import os
import random

SEED = 20260101
NOISE_PIECE = 64 << 20


def make_mixed_tree(path, size, files):
    """Text, source code, binaries and incompressible data in the shares and sizes that layers of interpreters and their packages have."""
    rng = random.Random(SEED)
    pools = [
        (0.15, ".txt", _text_pool(rng, 2 << 20)),
        (0.35, ".py", _source_pool(rng, 2 << 20)),
        (0.40, ".so", _binary_pool(rng, 4 << 20)),
        (0.10, ".bin", rng.randbytes(8 << 20)),
    ]
    weights = [share for share, _, _ in pools]
    # A lognormal distribution: most files have a few KB, a few have megabytes.
    sizes = [rng.lognormvariate(0, 1.6) for _ in range(files)]
    factor = size / sum(sizes)
    folder = path
    for number, relative in enumerate(sizes):
        if number % 40 == 0:
            folder = os.path.join(path, f"package-{number // 400:03}", f"part-{number // 40 % 10}")
            os.makedirs(folder)
        (_, suffix, pool), = rng.choices(pools, weights)
        count = int(relative * factor)
        with open(os.path.join(folder, f"file-{number:05}{suffix}"), "wb") as file:
            while count > 0:
                start = rng.randrange(len(pool) // 2)
                count -= file.write(pool[start:start + min(count, len(pool) // 2)])


def make_large_tree(path, size):
    """Half holes, half noise: the longest way through the writer in both directions."""
    rng = random.Random(SEED)
    os.makedirs(path)
    with open(os.path.join(path, "holes"), "wb") as file:
        file.truncate(size // 2)
    for number, start in enumerate(range(0, size - size // 2, NOISE_PIECE)):
        with open(os.path.join(path, f"noise-{number:03}"), "wb") as file:
            rest = min(NOISE_PIECE, size - size // 2 - start)
            while rest > 0:
                rest -= file.write(rng.randbytes(min(rest, 1 << 20)))


def measure_tree(path):
    """Bytes and number of its files."""
    size = count = 0
    for folder, _, names in os.walk(path):
        for name in names:
            size += os.lstat(os.path.join(folder, name)).st_size
            count += 1
    return size, count


def _vocabulary(rng, count):
    syllables = [a + b for a in "bcdfghklmnprstvw" for b in ("a", "e", "i", "o", "u", "er", "on", "at")]
    words = ["".join(rng.choices(syllables, k=rng.choice((1, 2, 2, 3, 3, 4)))) for _ in range(count)]
    # As in languages, the word of rank n comes up about 1/n as often as the first.
    return words, [1 / (rank + 3) for rank in range(count)]


def _text_pool(rng, size):
    words, weights = _vocabulary(rng, 6000)
    lines, length = [], 0
    while length < size:
        lines.append(" ".join(rng.choices(words, weights, k=14)) + rng.choice((".\n", ",\n", "\n", ".\n\n")))
        length += len(lines[-1])
    return "".join(lines).encode()


def _source_pool(rng, size):
    words, weights = _vocabulary(rng, 1000)
    forms = (
        "{i}def {a}_{b}(self, {c}, {d}=None):\n", "{i}    if {a} is None or {b}.{c}({n}):\n", "{i}        return {a}.{b}({c}, {d})\n",
        "{i}    {a}_{b} = self.{c}[{n}]\n", "{i}    for {a} in self.{b}:\n", "{i}        raise ValueError(f\"{a} {{{b}!r}}\")\n",
        "{i}        else:\n", "\n",
    )
    # Functions of a file speak of the same few things.
    lines, length, near = [], 0, []
    while length < size:
        if rng.random() < 0.05 or not near:
            near = rng.choices(words, weights, k=12)
        a, b, c, d = rng.choices(near, k=4)
        lines.append(rng.choice(forms).format(i=rng.choice(("", "    ")), a=a, b=b, c=c, d=d, n=rng.randrange(16)))
        length += len(lines[-1])
    return "".join(lines).encode()


def _binary_pool(rng, size):
    """What a shared library looks like to a compressor: machine code of recurring sequences, tables of addresses, names, zeros."""
    instructions = [rng.randbytes(rng.choice((2, 3, 3, 4, 5, 7))) for _ in range(600)]
    sequences = [b"".join(rng.choices(instructions, k=rng.choice((1, 2, 3, 4)))) for _ in range(2000)]
    weights = [1 / (rank + 8) for rank in range(len(sequences))]
    words, word_weights = _vocabulary(rng, 2000)
    parts, length = [], 0
    while length < size:
        kind = rng.random()
        if kind < 0.55:
            part = b"".join(code + rng.randbytes(rng.choice((0, 0, 1))) for code in rng.choices(sequences, weights, k=200))
        elif kind < 0.8:
            address = rng.randrange(1 << 24)
            part = b"".join((address + 16 * n).to_bytes(8, "little") + rng.randrange(64).to_bytes(8, "little") for n in range(96))
        elif kind < 0.92:
            part = b"\0".join(word.encode() for word in rng.choices(words, word_weights, k=100))
        else:
            part = bytes(1024)
        parts.append(part)
        length += len(part)
    return b"".join(parts)

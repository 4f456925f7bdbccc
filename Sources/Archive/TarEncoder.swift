import Diagnostics

extension TarHeader {
    /// The header blocks of an entry in the dialect of D-45a, a PAX header first where one is needed. Contents, padding and the two
    /// zero blocks of the end are the caller's.
    package func encoded() throws -> [UInt8] { try TarEncoder.blocks(for: self) }
}

/// Writes headers in the dialect that decides diffIDs (D-45a): plain ustar, and a PAX header for exactly what ustar cannot say.
enum TarEncoder {
    private typealias Field = TarBlock.Field

    static func blocks(for header: TarHeader) throws -> [UInt8] {
        try check(header)
        let split = splitPath(header.path.bytes)
        let path = header.path.bytes
        // A long path that ustar can split still goes into the PAX header when another field makes one necessary.
        let pathIsPlain = path.count <= Field.name.count && isPlain(path)
        let linkIsPlain = header.linkTarget.bytes.count <= Field.link.count && isPlain(header.linkTarget.bytes)
        var records: [(key: String, value: [UInt8])] = []  // in the order of their keys
        if !fitsOctal(Int64(header.owner.group), Field.group) { records.append(("gid", decimal(header.owner.group))) }
        if !linkIsPlain { records.append(("linkpath", header.linkTarget.bytes)) }
        if !fitsOctal(header.modified, Field.modified) { records.append(("mtime", decimal(header.modified))) }
        if !pathIsPlain, split == nil || !records.isEmpty || needsSizeOrUser(header) { records.append(("path", path)) }
        if !fitsOctal(header.size, Field.size) { records.append(("size", decimal(header.size))) }
        if !fitsOctal(Int64(header.owner.user), Field.user) { records.append(("uid", decimal(header.owner.user))) }

        guard !records.isEmpty else {
            return block(kind: header.kind.flag) {
                putPlain(header, name: split?.name ?? path[...], link: header.linkTarget.bytes[...], into: $0)
                if let split { put(split.prefix, into: $0, Field.prefix) }
            }
        }
        return extendedHeader(for: path, records)
            + block(kind: header.kind.flag) {
                putPlain(header, name: asciiOnly(path)[...], link: asciiOnly(header.linkTarget.bytes)[...], into: $0)
            }
    }

    private static func check(_ header: TarHeader) throws {
        guard !header.path.isEmpty, !header.path.bytes.contains(0), !header.linkTarget.bytes.contains(0) else {
            throw Fault("'\(header.path)' cannot be the name or link of a tar entry")
        }
        guard header.size >= 0 else { throw Fault("'\(header.path)' has a negative size") }
        guard fitsOctal(Int64(header.deviceMajor), Field.deviceMajor), fitsOctal(Int64(header.deviceMinor), Field.deviceMinor) else {
            throw Fault("'\(header.path)' has a device number that a tar cannot hold")
        }
    }

    private static func needsSizeOrUser(_ header: TarHeader) -> Bool {
        !fitsOctal(header.size, Field.size) || !fitsOctal(Int64(header.owner.user), Field.user)
    }

    /// ustar's two name fields for a path over 100 bytes: the prefix as long as it may be. Nil when the path does not need or fit it.
    static func splitPath(_ path: [UInt8]) -> (prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>)? {
        guard path.count > Field.name.count, isPlain(path) else { return nil }
        var searched = path.count
        if searched > Field.prefix.count + 1 {
            searched = Field.prefix.count + 1
        } else if path[searched - 1] == slash {
            searched -= 1
        }
        guard let cut = path[..<searched].lastIndex(of: slash), cut > 0, cut <= Field.prefix.count else { return nil }
        let name = path[(cut + 1)...]
        guard !name.isEmpty, name.count <= Field.name.count else { return nil }
        return (path[..<cut], name)
    }

    // MARK: Blocks

    private static func putPlain(
        _ header: TarHeader, name: ArraySlice<UInt8>, link: ArraySlice<UInt8>, into block: UnsafeMutableRawBufferPointer
    ) {
        put(name, into: block, Field.name)
        put(octal: Int64(header.mode & 0o7777), into: block, Field.mode)
        put(octal: Int64(header.owner.user), into: block, Field.user)
        put(octal: Int64(header.owner.group), into: block, Field.group)
        put(octal: header.size, into: block, Field.size)
        put(octal: header.modified, into: block, Field.modified)
        put(link, into: block, Field.link)
        put(octal: Int64(header.deviceMajor), into: block, Field.deviceMajor)
        put(octal: Int64(header.deviceMinor), into: block, Field.deviceMinor)
    }

    /// The PAX header entry: its own header, the records, padding. It has no device fields at all.
    private static func extendedHeader(for path: [UInt8], _ records: [(key: String, value: [UInt8])]) -> [UInt8] {
        let data = records.flatMap { record(key: $0.key, value: $0.value) }
        let header = block(kind: UInt8(ascii: "x")) { block in
            put(extendedName(for: path)[...], into: block, Field.name)
            for field in [Field.mode, Field.user, Field.group, Field.modified] { put(octal: 0, into: block, field) }
            put(octal: Int64(data.count), into: block, Field.size)
        }
        return header + data + [UInt8](repeating: 0, count: TarBlock.padding(after: Int64(data.count)))
    }

    /// `dir/PaxHeaders.0/base`: bytes outside ASCII dropped, cut to the name field, no slash at the end.
    private static func extendedName(for path: [UInt8]) -> [UInt8] {
        let cut = path.lastIndex(of: slash).map { $0 + 1 } ?? 0
        let parent = RawPath(bytes: Array(path[..<cut]))
        var name = parent.appending("PaxHeaders.0").appending(RawPath(bytes: Array(path[cut...]))).bytes
        name = Array(asciiOnly(name).prefix(Field.name.count))
        while name.last == slash { name.removeLast() }
        return name
    }

    /// `<length> <key>=<value>\n`, where the length counts itself.
    private static func record(key: String, value: [UInt8]) -> [UInt8] {
        let rest = 3 + key.utf8.count + value.count
        var length = rest + String(rest).utf8.count
        length = rest + String(length).utf8.count
        return Array("\(length) \(key)=".utf8) + value + [UInt8(ascii: "\n")]
    }

    private static let magic = Array("ustar\u{0}00".utf8)

    /// A header block with the fields that `fill` puts in, and its checksum.
    private static func block(kind: UInt8, _ fill: (UnsafeMutableRawBufferPointer) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: TarBlock.size) { memory, count in
            memory.initialize(repeating: 0)
            count = TarBlock.size
            let block = UnsafeMutableRawBufferPointer(memory)
            block[Field.kind] = kind
            put(magic[...], into: block, Field.magic)
            fill(block)
            put(octal: TarBlock.checksum(UnsafeRawBufferPointer(block)), into: block, Field.checksum.dropLast())
            block[Field.checksum.upperBound - 1] = UInt8(ascii: " ")
        }
    }

    // MARK: Fields

    private static func put(_ text: ArraySlice<UInt8>, into block: UnsafeMutableRawBufferPointer, _ field: Range<Int>) {
        let kept = text.prefix(field.count)
        UnsafeMutableRawBufferPointer(rebasing: block[field]).copyBytes(from: kept)
        // A name cut at a slash would look like a directory to readers of the plain header.
        if text.count > field.count, kept.last == slash { block[field.upperBound - 1] = 0 }
    }

    /// Zero-padded digits and a NUL; 0 where the number does not fit (a PAX record has it then).
    private static func put(octal number: Int64, into block: UnsafeMutableRawBufferPointer, _ field: Range<Int>) {
        var rest = fitsOctal(number, field) ? number : 0
        for index in field.dropLast().reversed() {
            block[index] = UInt8(ascii: "0") + UInt8(rest & 7)
            rest >>= 3
        }
        block[field.upperBound - 1] = 0
    }

    private static func fitsOctal(_ number: Int64, _ field: Range<Int>) -> Bool {
        number >= 0 && number < 1 << (3 * Int64(field.count - 1))
    }

    /// Whether a plain header can hold such bytes.
    private static func isPlain(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { $0 < 0x80 } }

    private static func asciiOnly(_ bytes: [UInt8]) -> [UInt8] { bytes.filter { $0 < 0x80 } }

    private static func decimal(_ number: some BinaryInteger) -> [UInt8] { Array(String(number).utf8) }
}

extension TarHeader.Kind {
    fileprivate var flag: UInt8 {
        switch self {
        case .file: UInt8(ascii: "0")
        case .hardLink: UInt8(ascii: "1")
        case .symbolicLink: UInt8(ascii: "2")
        case .characterDevice: UInt8(ascii: "3")
        case .blockDevice: UInt8(ascii: "4")
        case .directory: UInt8(ascii: "5")
        case .fifo: UInt8(ascii: "6")
        }
    }
}

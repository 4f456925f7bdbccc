extension AppIndex {
    /// An index in the file beside its copy: a line that says so, then for each entry the length of its path, the path, and numbers, all of them
    /// little-endian.
    func encoded() -> [UInt8] {
        var bytes = Self.heading
        bytes.reserveCapacity(entries.count * 96)
        func add(_ number: some FixedWidthInteger) { withUnsafeBytes(of: number.littleEndian) { bytes += $0 } }
        for entry in entries {
            add(UInt32(entry.path.count))
            bytes += entry.path
            add(entry.mode)
            add(entry.modified)
            add(UInt8(entry.identity == nil ? 0 : 1))
            guard let identity = entry.identity else { continue }
            add(identity.device)
            add(identity.inode)
            add(identity.size)
            add(identity.changed)
        }
        func add(_ moment: Moment) {
            add(moment.seconds)
            add(moment.nanoseconds)
        }
        return bytes
    }

    /// Nil for what is no such file.
    init?(decoding bytes: [UInt8]) {
        guard bytes.starts(with: Self.heading) else { return nil }
        var reader = NumberReader(rest: bytes.dropFirst(Self.heading.count))
        var entries: [Entry] = []
        while !reader.rest.isEmpty {
            guard let length = reader.next(UInt32.self), let path = reader.bytes(Int(length)), let mode = reader.next(UInt32.self),
                let modified = reader.moment(), let hasIdentity = reader.next(UInt8.self)
            else { return nil }
            var entry = Entry(path: path, mode: mode, modified: modified, identity: nil)
            if hasIdentity == 1 {
                guard let device = reader.next(UInt64.self), let inode = reader.next(UInt64.self), let size = reader.next(Int64.self),
                    let changed = reader.moment()
                else { return nil }
                entry.identity = Identity(device: device, inode: inode, size: size, changed: changed)
            }
            entries.append(entry)
        }
        self.init(entries)
    }

    private static let heading = Array("tote app index 1\n".utf8)
}

private struct NumberReader {
    var rest: ArraySlice<UInt8>

    mutating func bytes(_ count: Int) -> [UInt8]? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func next<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        let size = MemoryLayout<Number>.size
        guard rest.count >= size else { return nil }
        defer { rest = rest.dropFirst(size) }
        return rest.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(as: Number.self)) }
    }

    mutating func moment() -> AppIndex.Moment? {
        guard let seconds = next(Int64.self), let nanoseconds = next(Int32.self) else { return nil }
        return AppIndex.Moment(seconds: seconds, nanoseconds: nanoseconds)
    }
}

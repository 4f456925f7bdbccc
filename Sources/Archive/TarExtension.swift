import Diagnostics

/// What extended headers say about the entry that follows them.
struct TarExtension {
    var path: RawPath? { didSet { isEmpty = false } }
    var link: RawPath? { didSet { isEmpty = false } }
    private var size: Int64?
    private var user: Int64?
    private var group: Int64?
    private var modified: Int64?
    private var isSparse = false
    private(set) var isEmpty = true

    /// Of a PAX header. Unknown keys are ignored, extended attributes and times of access among them.
    mutating func add(records: [(key: String, value: [UInt8])]) throws {
        isEmpty = false
        for (key, value) in records {
            switch key {
            case "path": path = try name(value)
            case "linkpath": link = try name(value)
            case "size": size = try number(key, value)
            case "uid": user = try number(key, value)
            case "gid": group = try number(key, value)
            case "mtime": modified = value.isEmpty ? nil : try seconds(value)
            default: if key.hasPrefix("GNU.sparse.") { isSparse = true }
            }
        }
    }

    /// The entry, with everything that an extended header overrides.
    func header(_ raw: TarDecoder.Block) throws -> TarHeader {
        let path = path ?? raw.path
        guard !path.isEmpty else { throw Fault("the layer has an entry without a name") }
        guard !isSparse else { throw Self.sparse(path) }
        let kind = try Self.kind(raw.flag, path)
        // The others have no contents, whatever their size field says (for directories it is a hint from another age).
        let size = kind == .file ? size ?? raw.size : 0
        guard size <= Int64.max / 2 else { throw Fault("the size of '\(path)' in the layer is \(size) bytes, which cannot be") }
        return TarHeader(
            path: path, kind: kind, mode: raw.mode,
            owner: Ownership(
                user: try user.map { try TarDecoder.identifier($0, path) } ?? raw.owner.user,
                group: try group.map { try TarDecoder.identifier($0, path) } ?? raw.owner.group),
            size: size, modified: modified ?? raw.modified,
            linkTarget: kind == .symbolicLink || kind == .hardLink ? link ?? raw.link : "",
            deviceMajor: raw.deviceMajor, deviceMinor: raw.deviceMinor)
    }

    private static func kind(_ flag: UInt8, _ path: RawPath) throws -> TarHeader.Kind {
        switch flag {
        // v7 has no flag for directories.
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): path.bytes.last == slash ? .directory : .file
        case UInt8(ascii: "1"): .hardLink
        case UInt8(ascii: "2"): .symbolicLink
        case UInt8(ascii: "3"): .characterDevice
        case UInt8(ascii: "4"): .blockDevice
        case UInt8(ascii: "5"): .directory
        case UInt8(ascii: "6"): .fifo
        case UInt8(ascii: "S"): throw sparse(path)
        default:
            throw Fault("'\(path)' in the layer is of the unknown kind \(UnicodeScalar(flag).escaped(asASCII: true))")
        }
    }

    private static func sparse(_ path: RawPath) -> Fault {
        Fault("'\(path)' in the layer is a sparse file, a form that no image layer may have", hint: "write the tar again without --sparse")
    }

    private func name(_ value: [UInt8]) throws -> RawPath? {
        guard !value.contains(0) else { throw Fault("the layer is damaged: a name holds a NUL") }
        return value.isEmpty ? nil : RawPath(bytes: value)
    }

    private func number(_ key: String, _ value: [UInt8]) throws -> Int64? {
        if value.isEmpty { return nil }
        guard let number = TarDecoder.decimal(value[...]) else { throw Fault("the layer is damaged: a PAX \(key) is not a number") }
        return number
    }

    private func seconds(_ value: [UInt8]) throws -> Int64 {
        guard let seconds = TarDecoder.seconds(value) else { throw Fault("the layer is damaged: a PAX mtime is not a time") }
        return seconds
    }
}

import Archive
import Diagnostics
import Glibc

/// The entries of one root file system: they come in as a stream, in any order, and go out as a layer sorted by path.
///
/// Contents wait in unlinked files of the scratch folder, so memory holds only the headers. Not for use by two threads at once.
final class BaseTree {
    private enum Contents {
        case none
        case spooled(at: Int64, count: Int)
        case bytes([UInt8])
        /// A file of its own: what is too big to hold in memory.
        case file(Int32)
    }

    private struct Entry {
        var header: TarHeader
        var contents: Contents
    }

    /// Files up to this many bytes share the spool.
    static let smallFile: Int64 = 1 << 20

    private let scratch: String
    private var files = 0
    private let spool: Int32
    private var spoolSize: Int64 = 0
    private var entries: [RawPath: Entry] = [:]

    /// - Parameter scratch: an empty folder for this tree alone, on a disk with room for the whole file system.
    init(scratch: String) throws {
        self.scratch = scratch
        spool = try Self.temporaryFile("\(scratch)/spool")
    }

    deinit {
        close(spool)
        for case .file(let descriptor) in entries.values.map(\.contents) { close(descriptor) }
    }

    /// Takes over every entry that the rules keep.
    func read(_ tar: LayerReader) throws {
        while let header = try tar.next() {
            var header = header
            header.path = Self.relative(header.path)
            guard !header.path.isEmpty else { continue }
            if header.kind == .hardLink { header.linkTarget = Self.relative(header.linkTarget) }
            guard BaseTreeRules.keeps(header.path.string, header.kind) else { continue }
            header.modified = layerTimestamp
            insert(Entry(header: header, contents: header.kind == .file ? try receive(header, from: tar) : .none))
        }
    }

    /// The bytes of a file; nil when there is no such file. Follows hard links, not symbolic ones.
    func contents(of path: RawPath) throws -> [UInt8]? {
        guard let entry = entries[path] else { return nil }
        if entry.header.kind == .hardLink { return try contents(of: entry.header.linkTarget) }
        guard entry.header.kind == .file else { return nil }
        return try bytes(entry)
    }

    func text(of path: RawPath) throws -> String? {
        try contents(of: path).map { String(decoding: $0, as: UTF8.self) }
    }

    func has(_ path: RawPath) -> Bool { entries[path] != nil }

    /// Puts a file in place of what was there; mode and owner of a file that was there stay.
    func put(_ path: RawPath, _ text: String) {
        var header = entries[path].map(\.header) ?? TarHeader(path: path, kind: .file, mode: 0o644)
        header.kind = .file
        insert(Entry(header: header, contents: .bytes(Array(text.utf8))))
    }

    /// A directory, unless there is something already.
    func makeDirectory(_ path: RawPath, owner: Ownership = .root, mode: UInt32 = 0o755) {
        guard entries[path] == nil else { return }
        insert(Entry(header: TarHeader(path: path, kind: .directory, mode: mode, owner: owner), contents: .none))
    }

    /// Writes all entries, sorted by the bytes of their paths.
    func write(to layer: LayerWriter) throws {
        try settleHardLinks()
        for path in entries.keys.sorted() {
            guard let entry = entries[path] else { continue }
            if case .file(let descriptor) = entry.contents {
                guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw Fault(system: "reading back '\(path)'") }
                try layer.append(entry.header, file: descriptor)
            } else {
                try layer.append(entry.header, contents: entry.header.kind == .file ? try bytes(entry) : [])
            }
        }
    }

    /// A hard link must follow its target: of each set, the first in the new order holds the contents.
    private func settleHardLinks() throws {
        var sets: [RawPath: [RawPath]] = [:]
        for (path, entry) in entries where entry.header.kind == .hardLink { sets[entry.header.linkTarget, default: []].append(path) }
        for (target, links) in sets {
            guard let holder = entries[target], holder.header.kind != .hardLink else {
                throw Fault("the file system has a hard link '\(links[0])' to '\(target)', which is not there")
            }
            guard let first = links.min(), first < target else { continue }
            var moved = holder
            moved.header.path = first
            entries[first] = moved
            for path in links + [target] where path != first {
                var link = holder.header
                link.path = path
                link.kind = .hardLink
                link.size = 0
                link.linkTarget = first
                entries[path] = Entry(header: link, contents: .none)
            }
        }
    }

    private func insert(_ entry: Entry) {
        if case .file(let descriptor) = entries[entry.header.path]?.contents { close(descriptor) }
        entries[entry.header.path] = entry
    }

    private func receive(_ header: TarHeader, from tar: LayerReader) throws -> Contents {
        if header.size > Self.smallFile {
            files += 1
            let file = try Self.temporaryFile("\(scratch)/\(files)")
            do {
                try tar.readContents { try Self.write($0, to: file) }
            } catch {
                close(file)
                throw error
            }
            return .file(file)
        }
        let start = spoolSize
        try tar.readContents { piece in
            try Self.write(piece, to: spool)
            spoolSize += Int64(piece.count)
        }
        return .spooled(at: start, count: Int(spoolSize - start))
    }

    private func bytes(_ entry: Entry) throws -> [UInt8] {
        switch entry.contents {
        case .none: return []
        case .bytes(let bytes): return bytes
        case .spooled(let start, let count): return try Self.read(spool, at: start, count: count, entry.header.path)
        case .file(let descriptor): return try Self.read(descriptor, at: 0, count: Int(entry.header.size), entry.header.path)
        }
    }

    private static func relative(_ path: RawPath) -> RawPath {
        RawPath(bytes: Array(path.components.map(\.bytes).joined(separator: [UInt8(ascii: "/")])))
    }

    private static func temporaryFile(_ path: String) throws -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Fault(system: "making the temporary file '\(path)'") }
        unlink(path)
        return descriptor
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let written = Glibc.write(descriptor, piece.baseAddress, piece.count)
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw Fault(system: "unpacking the base's files") }
            rest = rest.dropFirst(written)
        }
    }

    private static func read(_ descriptor: Int32, at start: Int64, count: Int, _ path: RawPath) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count, let base = buffer.baseAddress {
                let got = pread(descriptor, base + done, count - done, off_t(start) + off_t(done))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { throw Fault(system: "reading back '\(path)'") }
                done += got
            }
        }
    }
}

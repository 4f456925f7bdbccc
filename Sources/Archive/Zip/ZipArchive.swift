import Diagnostics

/// A zip file of unknown origin, opened and checked: no entry leaves the folder it is unpacked to, no two are the same, none lies
/// beneath a link, and none shares its bytes with another.
///
/// Reads stored and deflated entries, zip64, and archives with something in front of them.
package struct ZipArchive: Sendable {
    /// In the order of the archive's table.
    package let entries: [ZipEntry]
    let file: ZipFile

    /// How messages name it.
    package var shown: String { file.shown }

    /// Nil when the file at the path does not end like a zip. `shown` is how messages name it.
    package init?(_ path: String, shown: String) throws {
        file = try ZipFile(path, shown: shown)
        guard let status = FileStatus(of: file.descriptor) else { throw Fault(system: "reading '\(shown)'") }
        guard status.kind == .file else { return nil }
        do {
            guard let directory = try ZipDirectory(fileSize: status.size, read: file.read) else { return nil }
            entries = try Self.entries(of: directory, file)
            try Self.checkPaths(entries)
            try Self.checkExtents(entries, end: directory.start)
        } catch let fault as Fault {
            throw Fault("the zip '\(shown)' is refused", cause: fault)
        }
    }

    /// The entry at a path.
    package func entry(_ path: RawPath) -> ZipEntry? { entries.first { $0.path == path } }

    private static func entries(of directory: ZipDirectory, _ file: ZipFile) throws -> [ZipEntry] {
        let table = try file.read(directory.start, directory.size)
        guard table.count == directory.size else { throw Fault("it is not complete") }
        var entries: [ZipEntry] = []
        var rest = table[...]
        while !rest.isEmpty {
            guard let record = ZipRecord(rest) else { throw Fault("its table of contents is damaged") }
            rest = rest.dropFirst(record.length)
            do {
                entries.append(try record.entry(base: directory.base))
            } catch {
                throw Fault("the entry '\(RawPath(bytes: record.name))' \(error.message)", hint: error.hint)
            }
        }
        guard UInt64(entries.count) % directory.countModulus == directory.count else { throw Fault("its table of contents is damaged") }
        return entries
    }

    private static func checkPaths(_ entries: [ZipEntry]) throws {
        var kinds: [RawPath: ZipEntry.Kind] = [:]
        for entry in entries {
            let known = kinds.updateValue(entry.kind, forKey: entry.path)
            guard known == nil || known == .directory && entry.kind == .directory else {
                throw Fault("it has two entries '\(entry.path)'")
            }
            guard !entry.path.isEmpty || entry.kind == .directory else { throw Fault("an entry has no name") }
        }
        for entry in entries {
            for above in entry.path.ancestors {
                guard let kind = kinds[above], kind != .directory else { continue }
                throw Fault("the entry '\(entry.path)' lies beneath '\(above)', which is no folder")
            }
        }
    }

    /// Entries that share bytes are how a small archive becomes an endless one.
    private static func checkExtents(_ entries: [ZipEntry], end: Int64) throws {
        var free: Int64 = 0
        for entry in entries.sorted(by: { $0.offset < $1.offset }) {
            let (next, isTooFar) = entry.offset.addingReportingOverflow(Int64(ZipFile.headerSize + entry.rawName.count))
            guard !isTooFar, entry.offset >= free, entry.compressedSize <= end - next else {
                throw Fault("the entry '\(entry.path)' shares bytes with something else")
            }
            free = next + entry.compressedSize
        }
    }
}

extension RawPath {
    /// The directories above, nearest last, without the root: a, a/b for a/b/c.
    var ancestors: [RawPath] {
        bytes.indices.filter { bytes[$0] == slash }.map { RawPath(bytes: Array(bytes[..<$0])) }
    }
}

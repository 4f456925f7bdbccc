import Diagnostics
import Glibc

extension ZipArchive {
    /// Unpacks the entries that `keeps` wants, with the folders above them. Links are made as they are and never followed.
    ///
    /// When it throws, the directory holds a part of the archive and must go.
    package func unpack(
        into directory: ConfinedDirectory, owner: Ownership?, limit: UnpackingLimit, keeping keeps: (RawPath) -> Bool = { _ in true }
    ) throws {
        let options = Unpacking(ownership: owner.map { .override($0) } ?? .current, whiteouts: .none)
        let unpacker = LayerUnpacker(into: directory, options)
        let wanted = wantedEntries(keeps)
        // Contents never exceed the size that an entry states, so a bomb is known before anything is written.
        var limit = limit
        for entry in wanted {
            try limit.addEntry(of: "the zip '\(shown)'")
            try limit.add(entry.size, of: "the zip '\(shown)'")
        }
        for entry in wanted {
            try Task.checkCancellation()
            try unpacker.place(try header(of: entry)) { try contents(of: entry, $0) }
        }
        try unpacker.finishDirectories()
    }

    /// The contents of a file of at most `bytes` bytes.
    package func read(_ entry: ZipEntry, limit bytes: Int) throws -> [UInt8] {
        guard entry.size <= bytes else { throw ConfinementError.tooLarge(path: "\(shown)/\(entry.path)", limit: bytes) }
        var all: [UInt8] = []
        try contents(of: entry) { all += $0 }
        return all
    }

    private func contents(of entry: ZipEntry, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        do {
            try file.contents(of: entry, body)
        } catch let fault as Fault {
            throw Fault("unpacking the zip '\(shown)'", cause: fault)
        }
    }

    private func wantedEntries(_ keeps: (RawPath) -> Bool) -> [ZipEntry] {
        var wanted: Set<RawPath> = []
        for entry in entries where keeps(entry.path) {
            wanted.insert(entry.path)
            wanted.formUnion(entry.path.ancestors)
        }
        return entries.filter { $0.path.isEmpty || wanted.contains($0.path) }
    }

    private func header(of entry: ZipEntry) throws -> TarHeader {
        var header = TarHeader(path: entry.path, kind: .file, mode: entry.mode, size: entry.size, modified: entry.modified)
        switch entry.kind {
        case .file: break
        case .directory: header.kind = .directory
        case .symbolicLink:
            header.kind = .symbolicLink
            header.linkTarget = RawPath(bytes: try read(entry, limit: Int(PATH_MAX) - 1))
            guard !header.linkTarget.isEmpty, !header.linkTarget.bytes.contains(0) else {
                throw Fault("the zip '\(shown)' is refused: the entry '\(entry.path)' leads nowhere")
            }
        }
        return header
    }
}

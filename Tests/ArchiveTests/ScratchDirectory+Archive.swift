import Glibc
import TestSupport

@testable import Archive

extension ScratchDirectory {
    /// The directory itself, confined.
    var directory: ConfinedDirectory { get throws { try ConfinedDirectory(path) } }

    /// A fresh directory inside, confined to itself.
    func make(_ name: String) throws -> ConfinedDirectory {
        try directory.makeDirectories(name)
        return try directory.directory(name)
    }

    /// Runs `body` with an open file that holds these bytes.
    func reading<R>(_ bytes: [UInt8], _ body: (Int32) throws -> R) throws -> R {
        let name = "bytes-\(UInt64.random(in: 0 ... .max))"
        try directory.write(name, bytes)
        let file = try directory.open(name).descriptor
        defer { close(file) }
        return try body(file)
    }

    /// Writes a layer and gives its facts and bytes.
    func layer(_ encoding: LayerEncoding = .standard, workers: Int = 2, _ body: (LayerWriter) throws -> Void) throws -> (
        facts: LayerFacts, blob: [UInt8]
    ) {
        let name = "layer-\(UInt64.random(in: 0 ... .max))"
        let file = open(path(name), O_RDWR | O_CREAT | O_EXCL, 0o600)
        defer { close(file) }
        let writer = LayerWriter(.blob(to: file, encoding), workers: workers)
        try body(writer)
        let facts = try writer.finish()
        return (facts, try directory.read(name, limit: 1 << 30))
    }
}

/// A tar that is not compressed, as bytes.
func tar(_ headers: [(TarHeader, String)]) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for (header, contents) in headers {
        var header = header
        if header.kind == .file { header.size = Int64(contents.utf8.count) }
        bytes += try header.encoded() + Array(contents.utf8)
        bytes += [UInt8](repeating: 0, count: (512 - contents.utf8.count % 512) % 512)
    }
    return bytes + [UInt8](repeating: 0, count: 1024)
}

let isRoot = geteuid() == 0

import Glibc
import Testing

@testable import Archive

/// A fresh directory of one test, removed when the test lets go of it.
final class ScratchDirectory {
    let path: String
    let directory: ConfinedDirectory

    init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(base)/archive-test-XXXXXX".utf8CString)
        guard let made = template.withUnsafeMutableBufferPointer({ $0.baseAddress.flatMap { mkdtemp($0) } }) else {
            throw ScratchError(text: "no scratch directory in \(base)")
        }
        path = String(cString: made)
        directory = try ConfinedDirectory(path)
    }

    deinit {
        do {
            for name in try directory.names(".") { try directory.removeTree(name) }
            rmdir(path)
        } catch {
            Issue.record("scratch directory not removed: \(error)")
        }
    }

    func host(_ name: String) -> String { "\(path)/\(name)" }

    /// A fresh directory inside, confined to itself.
    func make(_ name: String) throws -> ConfinedDirectory {
        try directory.makeDirectories(name)
        return try directory.directory(name)
    }

    func write(_ name: String, _ text: String = "", mode: UInt32 = 0o644) throws {
        if let parent = RawPath(name).split?.parent { try directory.makeDirectories(parent) }
        try directory.write(name, Array(text.utf8), mode: mode)
    }

    /// Runs `body` with an open file that holds these bytes.
    func reading<R>(_ bytes: [UInt8], _ body: (Int32) throws -> R) throws -> R {
        let name = "bytes-\(UInt64.random(in: 0 ... .max))"
        try directory.write(name, bytes)
        let file = try directory.open(name).descriptor
        defer { close(file) }
        return try body(file)
    }

    /// Writes a gzip layer and gives its facts and bytes.
    func layer(level: Int = 1, workers: Int = 2, _ body: (LayerWriter) throws -> Void) throws -> (facts: LayerFacts, blob: [UInt8]) {
        let name = "layer-\(UInt64.random(in: 0 ... .max))"
        let file = open(host(name), O_RDWR | O_CREAT | O_EXCL, 0o600)
        defer { close(file) }
        let writer = LayerWriter(.gzip(to: file), level: level, workers: workers)
        try body(writer)
        let facts = try writer.finish()
        return (facts, try directory.read(name, limit: 1 << 30))
    }
}

struct ScratchError: Error { let text: String }

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

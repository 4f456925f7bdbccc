import Archive
import Diagnostics
import Glibc

/// Writes an uncompressed tar whose bytes depend on nothing but names and contents.
struct TarFile {
    private let file: TemporaryFile
    private var length: Int64 = 0

    init(_ file: TemporaryFile) { self.file = file }

    mutating func append(folder name: String) throws {
        try write(try TarHeader(path: RawPath(name), kind: .directory, mode: 0o755).encoded())
    }

    mutating func append(_ name: String, _ contents: [UInt8]) throws {
        try write(header(name, Int64(contents.count)))
        try write(contents)
        try pad(Int64(contents.count))
    }

    /// The whole file, which must have that size.
    mutating func append(_ name: String, file source: String, size: Int64) throws {
        try write(header(name, size))
        try HostFile.copy(source, size: size, to: file.descriptor, file.path)
        length += size
        try pad(size)
    }

    /// A layer, decompressed. Its content must have the diffID.
    ///
    /// Its size is known only afterwards: the header is put right then. Where that makes the header longer (layers from 8 GiB)
    /// the layer is written a second time.
    mutating func append(_ name: String, layer source: String, diffID: DiffID) throws {
        let start = length
        try write(header(name, 0))
        let size = try inflate(source, diffID)
        let final = try header(name, size)
        if Int64(final.count) == length - size - start {
            try overwrite(final, at: start)
        } else {
            try truncate(to: start)
            try write(final)
            _ = try inflate(source, diffID)
        }
        try pad(size)
    }

    /// Two zero blocks.
    mutating func finish() throws { try write([UInt8](repeating: 0, count: 1024)) }

    private func header(_ name: String, _ size: Int64) throws -> [UInt8] {
        try TarHeader(path: RawPath(name), kind: .file, mode: 0o644, size: size).encoded()
    }

    private mutating func write(_ bytes: [UInt8]) throws {
        try file.write(bytes)
        length += Int64(bytes.count)
    }

    private mutating func pad(_ size: Int64) throws {
        try write([UInt8](repeating: 0, count: Int((512 - size % 512) % 512)))
    }

    private mutating func inflate(_ source: String, _ diffID: DiffID) throws -> Int64 {
        guard let (input, _) = try HostFile.openForReading(source) else { throw Fault("'\(source)' does not exist") }
        return try withExtendedLifetime(input) {
            let stream = try LayerStream(descriptor: input.number)
            let hash = SHA256()
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
            defer { buffer.deallocate() }
            var size: Int64 = 0
            while true {
                let count = try stream.read(into: buffer)
                if count == 0 { break }
                let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                hash.update(piece)
                try HostFile.write(piece, to: file.descriptor, file.path)
                size += Int64(count)
            }
            let actual = hash.finish()
            guard actual == diffID.digest else { throw Fault("layer \(diffID) has other content: its diffID is \(actual)") }
            length += size
            return size
        }
    }

    private func overwrite(_ bytes: [UInt8], at offset: Int64) throws {
        let count = bytes.withUnsafeBytes { pwrite(file.descriptor, $0.baseAddress, $0.count, off_t(offset)) }
        guard count == bytes.count else { throw Fault(system: "writing '\(file.path)'") }
    }

    private mutating func truncate(to offset: Int64) throws {
        guard ftruncate(file.descriptor, off_t(offset)) == 0, lseek(file.descriptor, off_t(offset), SEEK_SET) == off_t(offset) else {
            throw Fault(system: "writing '\(file.path)'")
        }
        length = offset
    }
}

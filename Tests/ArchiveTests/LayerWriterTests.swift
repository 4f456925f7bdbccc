import CZstd
import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import Archive

@Suite("Writing layers")
struct LayerWriterTests {
    /// Bytes that look like noise and are the same in every run. They repeat after more than gzip looks back.
    static func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var state = seed
        let block = (0..<min(count, 66_000)).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        return repeated(block, count)
    }

    /// Bytes that shrink to less than half.
    static func words(_ count: Int) -> [UInt8] {
        repeated(noise(min(count, 66_000)).map { UInt8(ascii: "a") + $0 % 7 }, count)
    }

    private static func repeated(_ block: [UInt8], _ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += block.prefix(count - bytes.count) }
        return bytes
    }

    private static let allWords = words(700_000)
    private static let allNoise = noise(300_000)

    private static func mixed(_ writer: LayerWriter, changing: Int? = nil) throws {
        for index in 0..<400 {
            let contents = Array(allWords.prefix(index * 41 % 9000)) + (index == changing ? [1] : [])
            try writer.append(TarHeader(path: RawPath("/d/file\(index)"), kind: .file, mode: 0o644), contents: contents)
            if index % 100 == 0 {
                try writer.append(
                    TarHeader(path: RawPath("/d/big\(index)"), kind: .file, mode: 0o644), contents: allWords + allNoise)
            }
        }
    }

    private static let encodings: [LayerEncoding] = [
        .none, .gzip(level: 1), .gzip(level: 9), .zstd(level: 1), .zstd(level: 3), .zstd(level: 9), .zstd(level: 19),
    ]

    @Test("The same bytes for any number of threads, and in every run", arguments: encodings, [1, 2, 5])
    func deterministic(encoding: LayerEncoding, workers: Int) throws {
        let scratch = try ScratchDirectory()
        let (facts, blob) = try scratch.layer(encoding, workers: workers) { try Self.mixed($0) }
        let again = try scratch.layer(encoding, workers: 3) { try Self.mixed($0) }
        #expect(facts.encoding == encoding && LayerCompression.detect(blob) == encoding.compression)
        #expect(facts == again.facts)
        #expect(blob == again.blob)
        #expect(Digest.of(blob) == facts.digest)
        #expect(facts.size == Int64(blob.count))
        let hashed = LayerWriter(.hashOnly)
        try Self.mixed(hashed)
        #expect(try hashed.finish().diffID == facts.diffID)
        let read = try scratch.reading(blob) { try LayerReader(descriptor: $0).finish() }
        #expect(read == facts.diffID)
    }

    @Test("Levels give other blobs of the same layer", arguments: [2, 6, 12])
    func levels(level: Int) throws {
        let scratch = try ScratchDirectory()
        let first = try scratch.layer { try $0.append(TarHeader(path: "f", kind: .file, mode: 0), contents: Self.words(50_000)) }
        let other = try scratch.layer(.gzip(level: level)) {
            try $0.append(TarHeader(path: "f", kind: .file, mode: 0), contents: Self.words(50_000))
        }
        #expect(first.facts.diffID == other.facts.diffID)
        #expect(first.facts.digest != other.facts.digest)
    }

    /// The bytes are part of the format: diffIDs for ever, blobs within a version of tote and of the libraries.
    @Test("A zstd frame says its size, has a checksum, and stands for itself")
    func frames() throws {
        let blob = try ScratchDirectory().layer(.zstd(level: 3)) { try Self.mixed($0) }.blob
        var frames = 0, at = 0
        blob.withUnsafeBytes { all in
            while at < all.count {
                let rest = UnsafeRawBufferPointer(rebasing: all[at...])
                let size = ZSTD_findFrameCompressedSize(rest.baseAddress, rest.count),
                    contents = ZSTD_getFrameContentSize(rest.baseAddress, rest.count)
                guard ZSTD_isError(size) == 0, contents < 3 << 20 else { break }
                // The bit of the frame's descriptor that promises a checksum.
                #expect(rest[4] & 4 != 0)
                frames += 1
                at += size
            }
        }
        #expect(at == blob.count && frames > 16)
    }

    @Test("Encodings by name")
    func encodingNames() throws {
        for (text, encoding) in [
            ("none", LayerEncoding.none), ("gzip", .gzip(level: 1)), ("gzip:12", .gzip(level: 12)), ("zstd", .zstd(level: 3)),
            ("zstd:22", .zstd(level: 22)),
        ] {
            #expect(try LayerEncoding(parsing: text) == encoding)
            #expect(try LayerEncoding(parsing: encoding.description) == encoding)
        }
        for text in ["", "lz4", "gzip:", "gzip:0", "gzip:13", "zstd:23", "zstd:-1", "zstd:1:2", "none:1", "GZIP"] {
            let fault = #expect(throws: Fault.self) { try LayerEncoding(parsing: text) }
            #expect(fault?.hint != nil)
        }
    }

    @Test("A member begins with time 0, no name and operating system 255")
    func memberHeader() throws {
        let (_, blob) = try ScratchDirectory().layer { try $0.append(TarHeader(path: "f", kind: .directory, mode: 0)) }
        #expect(Array(blob.prefix(10)) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255])
    }

    /// Where members of a blob begin, by what the writer says of itself: nothing else in these blobs has such bytes.
    private func members(_ blob: [UInt8]) -> [[UInt8]] {
        let start: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]
        return blob.withUnsafeBytes { all in
            var starts: [Int] = []
            var at = 0
            while let base = all.baseAddress, let found = memchr(base + at, 0x1f, all.count - at) {
                at = base.distance(to: UnsafeRawPointer(found))
                if all[at...].starts(with: start) { starts.append(at) }
                at += 1
            }
            return zip(starts, starts.dropFirst() + [blob.count]).map { Array(blob[$0..<$1]) }
        }
    }

    @Test("One changed file changes few members, even when it moves all that follow")
    func membersAreLocal() throws {
        let scratch = try ScratchDirectory()
        let before = members(try scratch.layer { try Self.mixed($0) }.blob)
        let after = members(try scratch.layer { try Self.mixed($0, changing: 157) }.blob)
        #expect(before.count > 16)
        #expect(Set(after).subtracting(before).count == 1)
    }

    @Test("Noise is stored and grows by next to nothing")
    func noiseIsStored() throws {
        let noise = Self.noise(1 << 20)
        let (facts, _) = try ScratchDirectory().layer { try $0.append(TarHeader(path: "f", kind: .file, mode: 0), contents: noise) }
        #expect(facts.size < Int64(noise.count) + 2048)
        #expect(facts.size > Int64(noise.count))
    }

    @Test("Contents from a descriptor are those of the file")
    func descriptor() throws {
        let scratch = try ScratchDirectory()
        let bytes = Self.words(600_001)
        let header = TarHeader(path: "f", kind: .file, mode: 0o600, size: Int64(bytes.count))
        let fromFile = LayerWriter(.hashOnly)
        try scratch.reading(bytes) { try fromFile.append(header, file: $0) }
        let fromMemory = LayerWriter(.hashOnly)
        try fromMemory.append(header, contents: bytes)
        #expect(try fromFile.finish() == fromMemory.finish())
    }

    @Test("A file that shrinks or grows under the reader is named", arguments: [-1, 1])
    func changingFile(difference: Int) throws {
        let header = TarHeader(path: "/app/log.txt", kind: .file, mode: 0o600, size: Int64(1000 + difference))
        let failure = try #require(throws: Fault.self) {
            try ScratchDirectory().reading(Self.words(1000)) { try LayerWriter(.hashOnly).append(header, file: $0) }
        }
        #expect(failure.message.contains("'/app/log.txt' changed"))
    }

    @Test("A full disk stops the writer", .enabled(if: access("/dev/full", W_OK) == 0))
    func fullDisk() throws {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let writer = LayerWriter(.gzip(to: full))
        let failure = try #require(throws: Fault.self) {
            for index in 0..<100 {
                try writer.append(TarHeader(path: RawPath("\(index)"), kind: .file, mode: 0), contents: Self.noise(300_000))
            }
            _ = try writer.finish()
        }
        #expect(failure.message.contains("No space left"))
        #expect(failure.hint?.contains("disk") == true)
    }

    @Test("A writer that is let go of early ends its threads")
    func abandoned() throws {
        let scratch = try ScratchDirectory()
        for _ in 0..<20 {
            let file = open(scratch.path("x"), O_WRONLY | O_CREAT, 0o600)
            let writer = LayerWriter(.gzip(to: file))
            try writer.append(TarHeader(path: "f", kind: .file, mode: 0), contents: Self.words(600_000))
            close(file)
        }
    }
}

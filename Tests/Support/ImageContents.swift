package import Archive
import Glibc
package import OCIImage

/// Every file in an image's layers, read into memory: for small images.
package struct ImageContents: Sendable {
    package struct Entry: Sendable {
        package var header: TarHeader
        package var bytes: [UInt8]
        package var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// Layers, lowest first, each in the order of its entries.
    package let layers: [[Entry]]

    package init(of image: Image, in store: ImageStore) throws {
        layers = try image.manifest.layers.map { try Self.entries(ofBlob: store.path(of: $0.digest)) }
    }

    /// The entry of that absolute path in the topmost layer that has one.
    package subscript(_ path: String) -> Entry? {
        for layer in layers.reversed() {
            if let entry = layer.last(where: { $0.header.path == RawPath(path) || $0.header.path == RawPath(path + "/") }) { return entry }
        }
        return nil
    }

    /// Whether a file, a name or a link's target holds this text.
    package func contains(_ text: String) -> Bool {
        layers.joined().contains { entry in
            [entry.bytes, entry.header.path.bytes, entry.header.linkTarget.bytes].contains { Self.found(Array(text.utf8), in: $0) }
        }
    }

    /// By bytes: files of megabytes are no text, and searching them as such takes minutes.
    private static func found(_ wanted: [UInt8], in bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let first = wanted.first else { return wanted.isEmpty }
            var offset = 0
            while offset + wanted.count <= bytes.count, let hit = memchr(base + offset, Int32(first), bytes.count - offset) {
                offset = UnsafeRawPointer(hit) - base
                if offset + wanted.count <= bytes.count, memcmp(hit, wanted, wanted.count) == 0 { return true }
                offset += 1
            }
            return false
        }
    }

    private static func entries(ofBlob path: String) throws -> [Entry] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TestSetupError("no blob '\(path)'") }
        defer { close(descriptor) }
        let reader = try LayerReader(descriptor: descriptor)
        var entries: [Entry] = []
        while let header = try reader.next() {
            var bytes: [UInt8] = []
            try reader.readContents { bytes += $0 }
            entries.append(Entry(header: header, bytes: bytes))
        }
        return entries
    }
}

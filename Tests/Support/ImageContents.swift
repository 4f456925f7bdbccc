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

    package func contains(_ text: String) -> Bool {
        layers.joined().contains { entry in
            entry.text.contains(text) || entry.header.path.string.contains(text) || entry.header.linkTarget.string.contains(text)
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

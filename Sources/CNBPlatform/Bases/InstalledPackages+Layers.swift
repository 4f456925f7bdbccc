import Archive
import Diagnostics
import Glibc
import OCIImage

extension InstalledPackages {
    /// dpkg's status in an image of these layers, base layer first: its file, or as in images without dpkg a file for each package. Nil when there
    /// is neither. Layers are read from the top down, no more of them than needed, and
    /// altogether no more than `limit`.
    static func read(_ layers: [ImageLayer], blobs: any BlobSource, limit: UnpackingLimit) async throws -> InstalledPackages? {
        var search = StatusSearch(limit: limit)
        for layer in layers.reversed() where !search.isOver {
            try search.read(blob: await blobs.blob(layer.descriptor), layer.diffID)
        }
        return search.result
    }
}

/// Looks through layers for dpkg's status, the uppermost first.
private struct StatusSearch {
    private static let folder: [RawPath] = ["var", "lib", "dpkg"]
    /// Of all files together; the one of a whole desktop has 10 MB.
    private static let limit: Int64 = 64 << 20

    /// Of everything that is passed over to find them.
    private var unpacking: UnpackingLimit
    private var status: String?
    /// Of `status.d`, by name.
    private var parts: [RawPath: String] = [:]
    /// Entries that lower layers must not show any more.
    private var hidden: Set<[RawPath]> = []
    private var left = Self.limit

    init(limit: UnpackingLimit) { unpacking = limit }

    var isOver: Bool { status != nil || isHidden([]) }

    var result: InstalledPackages? {
        guard status != nil || !parts.isEmpty else { return nil }
        let documents = parts.sorted { $0.key < $1.key }.map(\.value)
        return InstalledPackages(status: status ?? "", parts: documents)
    }

    mutating func read(blob: String, _ diffID: DiffID) throws {
        let file = Glibc.open(blob, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(system: "opening the layer '\(blob)'") }
        defer { close(file) }
        let reader = try LayerReader(descriptor: file)
        var newlyHidden: Set<[RawPath]> = []
        while let header = try reader.next() {
            try unpacking.add(reader.headerSize + header.size, of: "the base")
            let path = header.path.components
            guard let name = path.last else { continue }
            if let covered = Self.covered(by: path) { newlyHidden.insert(covered) }
            guard header.kind == .file, path.count > Self.folder.count, path.starts(with: Self.folder) else { continue }
            let below = Array(path.dropFirst(Self.folder.count))
            guard below == ["status"] || below.count == 2 && below[0] == "status.d" && !name.bytes.ends(with: ".md5sums"), !isHidden(below)
            else { continue }
            left -= header.size
            guard left >= 0 else { throw Fault("the package lists of layer \(diffID) are larger than \(Self.limit >> 20) MiB") }
            var bytes: [UInt8] = []
            try reader.readContents { bytes += $0 }
            let text = String(decoding: bytes, as: UTF8.self)
            if below.count == 1 { status = text } else if parts[name] == nil { parts[name] = text }
        }
        hidden.formUnion(newlyHidden)
    }

    /// The path whose lower entries a whiteout takes away.
    private static func covered(by path: [RawPath]) -> [RawPath]? {
        guard let name = path.last, name.bytes.starts(with: Array(".wh.".utf8)) else { return nil }
        let parent = Array(path.dropLast())
        return name == ".wh..wh..opq" ? parent : parent + [RawPath(bytes: Array(name.bytes.dropFirst(4)))]
    }

    /// Whether an upper layer took away the entry below dpkg's folder, or a folder around it.
    private func isHidden(_ below: [RawPath]) -> Bool {
        let path = Self.folder + below
        return (0...path.count).contains { hidden.contains(Array(path.prefix($0))) }
    }
}

extension [UInt8] {
    fileprivate func ends(with text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}

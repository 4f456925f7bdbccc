import Archive
import CNBSpec
import Diagnostics
import Glibc
import OCIImage

/// One layer with the files of several modules (H-55), wherever each of them comes from.
struct SharedModuleLayer {
    private let modules: [Module]
    /// Where the blobs of layers are.
    private let blobs: [DiffID: String]

    init(_ modules: [Module], store: ImageStore) async throws {
        var blobs: [DiffID: String] = [:]
        for case .layer(let layer, let image) in modules.map(\.contents) where blobs[layer.diffID] == nil {
            blobs[layer.diffID] = try await image.blobs.blob(layer.descriptor)
        }
        self.modules = modules.sorted { $0.reference < $1.reference }
        self.blobs = blobs
    }

    /// The directory of an id is written once, for all of its versions.
    func write(to layer: LayerWriter) throws {
        var ids: Set<BuildpackID> = []
        for module in modules {
            let isNew = ids.insert(module.reference.id).inserted
            switch module.contents {
            case .folder(let folder): try folder.write(to: layer, withIDDirectory: isNew)
            case .layer(let existing, _):
                if isNew {
                    try layer.append(TarHeader(path: RawPath(Module.idPath(module.kind, module.reference)), kind: .directory, mode: 0o755))
                }
                try copy(module, of: existing.diffID, to: layer)
            }
        }
    }

    /// The entries of one module of a layer that others may share. They keep what they say of themselves.
    private func copy(_ module: Module, of diffID: DiffID, to layer: LayerWriter) throws {
        let file = open(blobs[diffID] ?? "", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(system: "reading the layer of '\(module.reference)'") }
        defer { close(file) }
        let root = RawPath(module.imagePath).components
        let reader = try LayerReader(descriptor: file)
        var isEmpty = true
        while var header = try reader.next() {
            let path = header.path.components
            guard path.starts(with: root), !path.contains("..") else { continue }
            header.path = RawPath(bytes: path.flatMap { [UInt8(ascii: "/")] + $0.bytes })
            try layer.append(header, contentsOf: reader)
            isEmpty = false
        }
        guard try reader.finish() == diffID else {
            throw Fault("the layer of '\(module.reference)' is damaged: its content has another digest")
        }
        guard !isEmpty else {
            throw Fault("the layer of the \(module.kind.rawValue) '\(module.reference)' has no folder '\(module.imagePath)'")
        }
    }
}

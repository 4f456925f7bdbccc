import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import Glibc
import OCIImage
import Sandbox

/// Makes modules visible in a sandbox: each is a folder of an unpacked layer, which is shared with every other build that uses it.
struct ModuleMounts {
    let rootFilesystems: RootFilesystems
    let store: ImageStore
    let events: PhaseEvents

    /// Where each module's files are and where they belong, read-only.
    func binds(_ modules: [Module]) async throws -> [SandboxLayout.Bind] {
        var binds: [SandboxLayout.Bind] = []
        for module in modules {
            let root = try await root(of: module)
            try requireFolder(module, in: root)
            binds.append(SandboxLayout.Bind(source: root + module.imagePath, target: module.imagePath, readOnly: true))
        }
        return binds
    }

    private func root(of module: Module) async throws -> String {
        switch module.contents {
        case .folder(let folder):
            let layer = try diffID(of: folder)
            if !rootFilesystems.contains(layer) {
                let facts = try store.writeLayer { try folder.write(to: $0) }
                try rootFilesystems.unpack(facts.diffID, blob: store.path(of: facts.digest))
                return rootFilesystems.path(of: facts.diffID)
            }
            return rootFilesystems.path(of: layer)
        case .layer(let layer, let image):
            _ = try await rootFilesystems.unpacked([layer], of: image, progress: { events(PhaseEvent($0)) })
            return rootFilesystems.path(of: layer.diffID)
        }
    }

    private func diffID(of folder: ModuleFolder) throws -> DiffID {
        let writer = LayerWriter(.hashOnly)
        try folder.write(to: writer)
        return try writer.finish().diffID
    }

    /// The layer may come from anywhere: no link in it may lead the mount out of it.
    private func requireFolder(_ module: Module, in root: String) throws {
        let directory = try ConfinedDirectory(root)
        var path: RawPath = ""
        for name in RawPath(module.imagePath).components {
            path = path.appending(name)
            guard try directory.status(path, followingLinks: false)?.kind == .directory else {
                throw Fault("the layer of the \(module.kind.rawValue) '\(module.reference)' has no folder '/\(path)'")
            }
        }
    }
}

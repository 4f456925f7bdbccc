package import Archive
package import CNBSpec
import Diagnostics
import Synchronization

/// The buildpacks and extensions of a root file system, read when asked for (B-6).
package final class ModuleCatalog: Sendable {
    private let root: ConfinedDirectory
    private let directories: BuildDirectories
    private let known = Mutex<[BuildpackReference: BuildpackDescriptor]>([:])

    package init(root: ConfinedDirectory, directories: BuildDirectories) {
        self.root = root
        self.directories = directories
    }

    /// `/cnb/buildpacks/<escaped id>/<version>`: `CNB_BUILDPACK_DIR`.
    package func directory(of reference: BuildpackReference, kind: ModuleKind) -> String {
        let parent = kind == .buildpack ? directories.buildpacks : directories.extensions
        return "\(parent)/\(reference.id.escaped)/\(reference.version)"
    }

    package func buildpack(_ reference: BuildpackReference) throws -> BuildpackDescriptor {
        if let descriptor = known.withLock({ $0[reference] }) { return descriptor }
        let descriptor = try BuildpackDescriptor(reading: try document("buildpack.toml", of: reference, kind: .buildpack))
        known.withLock { $0[reference] = descriptor }
        return descriptor
    }

    /// What detection needs to know of a module.
    package func module(_ reference: BuildpackReference, kind: ModuleKind) throws -> DetectionModule {
        let folder = directory(of: reference, kind: kind)
        let has = { (name: String) in try self.root.status("\(folder)/bin/\(name)")?.kind == .file }
        switch kind {
        case .buildpack: return DetectionModule(try buildpack(reference), hasBuildExecutable: try has("build"))
        case .extension:
            let descriptor = try ExtensionDescriptor(reading: try document("extension.toml", of: reference, kind: kind))
            return DetectionModule(descriptor, hasExecutable: try has("detect") || has("generate"))
        }
    }

    private func document(_ name: String, of reference: BuildpackReference, kind: ModuleKind) throws -> DocumentSource {
        let file = "\(directory(of: reference, kind: kind))/\(name)"
        do {
            return DocumentSource(file: file, bytes: try root.read(file, limit: 1 << 20))
        } catch ConfinementError.missing {
            throw Fault(
                "the \(kind.rawValue) '\(reference)' is in the order, but the builder has no '\(file)'",
                hint: "add it to the builder, or take it out of the order", exitCode: ExitStatus.detect.rawValue)
        } catch {
            throw Fault("reading the \(kind.rawValue) '\(reference)'", cause: error)
        }
    }
}

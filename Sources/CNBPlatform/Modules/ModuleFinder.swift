import Archive
import CNBSpec
import Diagnostics
import Glibc
import OCIImage

/// Gets buildpacks and extensions from wherever their locators say (H.3, H-10).
struct ModuleFinder {
    private(set) var library: ImageLibrary
    let downloads: DownloadCache
    let index: RegistryIndex
    let policy: PullPolicy
    /// An existing folder for what is unpacked; the caller removes it when nothing reads the modules any more.
    let scratch: String
    /// How large archives may become.
    let limit: UnpackingLimit
    /// What modules are wanted for; nil to know of them only what their descriptors say.
    private(set) var target: ModuleTarget?

    /// The same for another system.
    func finder(for target: ModuleTarget?) -> ModuleFinder {
        var copy = self
        copy.target = target
        if let target { copy.library = library.library(for: target.platform) }
        return copy
    }

    /// The package that a locator names. `text` is how the user wrote it.
    func package(_ place: ModulePlace, kind: ModuleKind, text: String) async throws -> ModulePackage {
        switch place {
        case .path(let path):
            var status = stat()
            guard stat(path, &status) == 0 else {
                throw Fault(system: "reading the \(kind.rawValue) '\(text)'", hint: "nothing can be read at '\(path)'")
            }
            if status.st_mode & S_IFMT == S_IFDIR { return ModulePackage(try ModuleFolder(kind, at: path, shown: text, for: target)) }
            return try await package(ModuleArchive(file: path, shown: text, limit: limit), kind)
        case .url(let url):
            return try await package(ModuleArchive(file: try await downloads.file(url, policy: policy), shown: url, limit: limit), kind)
        case .image(let reference):
            return try ModulePackage(try await image(reference, kind), kind: kind, name: reference.familiar)
        case .registry(let id, let version):
            let reference = try await index.image(id, version: version, policy: policy)
            return try ModulePackage(try await image(reference, kind), kind: kind, name: "\(id) (\(reference.familiar))")
        }
    }

    /// The package that stands in a file of a builder or package: it is on no builder, so its name says where it is.
    func package(
        _ uri: String, kind: ModuleKind, relativeTo folder: String, at location: SourceLocation?
    ) async throws -> ModulePackage {
        do {
            let locator = try BuildpackLocator(uri, relativeTo: folder, exists: DeclaredBuildpack.somethingIsAt)
            guard let place = try BuildpackCatalog([], kind: kind).place(of: locator) else {
                throw Fault("there is nothing at '\(uri)'", hint: "name a folder, an archive, a URL or docker://IMAGE")
            }
            return try await package(place, kind: kind, text: uri)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Fault("the \(kind.rawValue) '\(uri)'", cause: error).located(at: location)
        }
    }

    private func image(_ reference: Reference, _ kind: ModuleKind) async throws -> Image {
        try await library.image(reference, policy: policy, role: "\(kind.rawValue) package", anyPlatform: true)
    }

    private func package(_ archive: ModuleArchive, _ kind: ModuleKind) async throws -> ModulePackage {
        let name = "archive-\(UInt64.random(in: 0 ... .max))", folder = "\(scratch)/\(name)"
        try ConfinedDirectory(scratch).makeDirectories(name, mode: 0o700)
        switch try archive.unpack(into: folder, kind) {
        case .module(let folder): return ModulePackage(try ModuleFolder(kind, at: folder, shown: archive.shown, for: target))
        case .package(let folder):
            let image = try await ImageOrigin.layout(directory: folder, tag: nil).image(
                into: library.store, daemon: library.daemon, scratch: scratch, limit: limit)
            return try ModulePackage(image, kind: kind, name: archive.shown)
        }
    }
}

import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage

extension BuildPlatform {
    /// Packages a buildpack or an extension, once for each target, and puts the images where they belong. All are made before the first is put there.
    package func package(_ request: PackageRequest) async throws -> PackageResult {
        let (config, folder) = try packageConfig(request)
        let policy = request.pullPolicy ?? configuration.pullPolicy ?? .standard
        return try await holdingStore {
            try await withScratch { scratch in
                let finder = try moduleFinder(policy: policy, registry: request.registry, scratch: scratch)
                func main(_ finder: ModuleFinder) async throws -> ModulePackage {
                    try await finder.package(config.main.uri, kind: config.kind, relativeTo: folder, at: config.main.location)
                }
                let targets = try Self.targets(request, config, try await main(finder.finder(for: nil)))
                if targets.count > 1 { try Self.requireRemote(config.dependencies, folder) }
                var images: [(target: ModuleTarget, image: Image)] = []
                for target in targets {
                    let finder = finder.finder(for: target)
                    let creation = PackageCreation(
                        store: store, finder: finder, labels: request.labels, flattenedWithout: request.flattenedWithout)
                    images.append((target, try await creation.create(config, main: try await main(finder), folder: folder, target: target)))
                }
                return try await deliver(images, request)
            }
        }
    }

    private func packageConfig(_ request: PackageRequest) throws -> (PackageConfig, folder: String) {
        guard let file = request.config else { return (PackageConfig(kind: request.kind, folder: request.folder), request.folder) }
        guard let bytes = try UserFile.read(file, shown: "the package's configuration '\(file)'") else {
            throw Fault("reading config: there is no file '\(file)'", hint: "check the path given with --config")
        }
        let config = try PackageConfig(reading: DocumentSource(file: file, bytes: bytes))
        guard config.kind == request.kind else {
            throw Fault("'\(file)' is for a package of \(config.kind.article)", hint: "use 'tote \(config.kind.rawValue) package'")
        }
        return (config, file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "/")
    }

    /// H-17: what the caller asks for, else package.toml, else the module itself, else this machine.
    private static func targets(_ request: PackageRequest, _ config: PackageConfig, _ main: ModulePackage) throws -> [ModuleTarget] {
        let module = main.modules.first { $0.reference == main.main }
        let targets = [request.targets, config.targets, module?.targets ?? []].first { !$0.isEmpty } ?? []
        return try ModuleTarget.all(targets, os: config.os) { target in
            guard case .folder(let folder)? = module?.contents else { return "" }
            return try ModuleFolder.root(config.kind, in: folder.directory, for: target)
        }
    }

    /// H-17: a path leads to one system's files.
    private static func requireRemote(_ dependencies: [PackageConfig.Place], _ folder: String) throws(Fault) {
        for place in dependencies {
            guard case .path? = try? BuildpackLocator(place.uri, relativeTo: folder, exists: DeclaredBuildpack.somethingIsAt) else {
                continue
            }
            throw Fault(
                "the dependency '\(place.uri)' is a path of this machine, which a package for several targets cannot have",
                hint: "package and publish it first, then name it with docker://", at: place.location)
        }
    }

    private func deliver(_ images: [(target: ModuleTarget, image: Image)], _ request: PackageRequest) async throws -> PackageResult {
        switch request.destination {
        case .store(let name):
            return .image(try keep(images.map(\.image), as: [name] + request.additionalTags, what: "package"))
        case .registry(let name): return .image(try await publish(images.map(\.image), as: [name] + request.additionalTags))
        case .file(let path):
            var files: [String] = []
            for (target, image) in images {
                let file = images.count == 1 ? path : Self.file(path, for: target)
                try await image.write(toOCIArchive: file, tag: nil)
                files.append(file)
            }
            return .files(files)
        }
    }

    /// `hello.cnb` becomes `hello-linux-arm64.cnb`.
    private static func file(_ path: String, for target: ModuleTarget) -> String {
        let end = path.lastIndex(of: ".").flatMap { path[$0...].contains("/") ? nil : $0 } ?? path.endIndex
        return "\(path[..<end])-\(target)\(path[end...])"
    }
}

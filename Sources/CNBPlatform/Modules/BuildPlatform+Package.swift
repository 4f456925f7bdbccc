import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage
import OCIRegistry

extension BuildPlatform {
    /// Packages a buildpack or an extension, once for each target, and puts the images where they belong. All are made before the first is put there.
    package func package(_ request: PackageRequest) async throws -> [PackagedImage] {
        let (config, folder) = try packageConfig(request)
        let policy = request.pullPolicy ?? configuration.pullPolicy ?? .standard
        return try await holdingStore {
            try await withScratch { scratch in
                let finder = try moduleFinder(policy: policy, registry: request.registry, scratch: scratch)
                let creation = PackageCreation(store: store, finder: finder, labels: request.labels)
                let main = try await finder.package(config.main.uri, kind: config.kind, relativeTo: folder, at: config.main.location)
                var images: [Image] = []
                for platform in Self.platforms(request, config, main) {
                    images.append(try await creation.create(config, main: main, folder: folder, platform: platform))
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

    /// H-17: what the caller asks for, else package.toml, else the module itself, else this machine. Each platform once.
    private static func platforms(_ request: PackageRequest, _ config: PackageConfig, _ main: ModulePackage) -> [Platform] {
        let own = main.modules.first { $0.reference == main.main }?.targets ?? []
        let targets = [request.targets, config.targets, own].first { !$0.isEmpty } ?? [Target()]
        var seen: Set<Platform> = []
        return
            targets
            .map { target in
                Platform(
                    os: target.os.isEmpty ? config.os : target.os,
                    architecture: target.arch.isEmpty ? Platform.host.architecture : target.arch,
                    variant: target.variant.isEmpty ? nil : target.variant)
            }
            .filter { seen.insert($0).inserted }
    }

    private func deliver(_ images: [Image], _ request: PackageRequest) async throws -> [PackagedImage] {
        switch request.destination {
        case .store(let name):
            // The store holds one image under a name: the one that can be used here.
            guard let image = images.first(where: { $0.config.architecture == library.platform.architecture }) ?? images.first else {
                return []
            }
            if images.count > 1 {
                events(
                    .warning(
                        PhaseWarning(
                            "only the package for \(image.config.os)/\(image.config.architecture) is kept in the store",
                            hint: "use --publish or --format file for all of them")))
            }
            try store.tag(image, [name] + request.additionalTags)
            return [PackagedImage(image: image)]
        case .registry(let name):
            for reference in [name] + request.additionalTags {
                events(.note("Saving \(reference.familiarTagged)..."))
                if images.count == 1 {
                    _ = try await registry.push(images[0], to: reference, store: store, mountFrom: [])
                } else {
                    _ = try await registry.push(images, asIndex: reference, store: store)
                }
            }
            return images.map { PackagedImage(image: $0) }
        case .file(let path):
            var packaged: [PackagedImage] = []
            for image in images {
                let file = images.count == 1 ? path : Self.file(path, for: image.config)
                try await image.write(toOCIArchive: file, tag: nil)
                packaged.append(PackagedImage(image: image, file: file))
            }
            return packaged
        }
    }

    /// `hello.cnb` becomes `hello-linux-arm64.cnb`.
    private static func file(_ path: String, for config: ImageConfig) -> String {
        let parts = [config.os, config.architecture, config.variant].compactMap(\.self).joined(separator: "-")
        let end = path.lastIndex(of: ".").flatMap { path[$0...].contains("/") ? nil : $0 } ?? path.endIndex
        return "\(path[..<end])-\(parts)\(path[end...])"
    }
}

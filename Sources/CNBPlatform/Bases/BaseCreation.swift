import Archive
import Diagnostics
import Glibc
package import OCIImage
import Sandbox

/// Makes a base: a build image and a run image from the packages of a Debian suite, for people who have no registry at hand.
///
/// The same package versions give the same digests, whoever runs it, where and when.
package struct BaseCreation: Sendable {
    private let store: ImageStore
    private let scratch: String
    private let environment: [String: String]
    private let events: @Sendable (BaseEvent) -> Void

    /// - Parameters:
    ///   - scratch: an empty folder of the caller's, which the caller removes.
    ///   - environment: the caller's environment variables.
    package init(
        store: ImageStore, scratch: String, environment: [String: String], events: @escaping @Sendable (BaseEvent) -> Void = { _ in }
    ) {
        self.store = store
        self.scratch = scratch
        self.environment = environment
        self.events = events
    }

    /// Installs both images' packages, at the same time, then stores both images or none.
    ///
    /// The caller holds the store's lock. Not for use inside a user namespace of tote's: mmdebstrap makes its own.
    package func create(_ request: BaseRequest) async throws -> CreatedBase {
        try Self.requireIDs()
        let apt = try HostApt(root: ConfinedDirectory("/"), settings: await Mmdebstrap.aptSettings())
        let sources = apt.sources(suite: request.suite, mirror: request.mirror, architecture: DebianArchitecture.host)
        let sourcesFile = "\(scratch)/tote.sources"
        try Self.write(AptSource.document(sources), to: sourcesFile)
        let isRoot = geteuid() == 0
        let copy = try isRoot ? nil : request.caCertificates.map { try ReadableCopy(of: $0) }
        defer { copy?.remove() }
        let certificates = (copy?.path ?? request.caCertificates).map { ["Acquire::https::CAInfo \"\($0)\""] } ?? []
        let options = apt.options + certificates

        async let buildSystem = install(.build, request, options: options, sources: sourcesFile)
        async let runSystem = install(.run, request, options: options, sources: sourcesFile)
        let (build, run) = (try await buildSystem, try await runSystem)
        let differences = build.packages.differences(from: run.packages)
        guard differences.isEmpty else {
            throw Fault(
                "the package archive changed while the base was made: \(differences.joined(separator: ", "))",
                hint: "run the same command again")
        }
        return try store(build, run, request)
    }

    private func install(_ kind: BaseImageKind, _ request: BaseRequest, options: [String], sources: String) async throws -> InstalledSystem
    {
        let tar = "\(scratch)/\(kind.rawValue).tar"
        defer { unlink(tar) }
        let command = MmdebstrapCommand(
            mode: geteuid() == 0 ? .root : .unshare, kind: kind, suite: request.suite, packages: request.packages[kind], options: options,
            sources: sources, target: tar, usesFileMirror: request.mirror?.hasPrefix("file:") == true, inherited: environment
        ) { access($0, F_OK) == 0 }
        try await Mmdebstrap.run(command, kind: kind) { events(.output(kind, $0)) }
        events(.packing(kind))
        let folder = "\(scratch)/\(kind.rawValue)"
        guard mkdir(folder, 0o700) == 0 else { throw Fault(system: "making the folder '\(folder)'") }
        defer { rmdir(folder) }
        let root = try BaseRootFilesystem(tar: tar, scratch: folder)
        guard let architecture = root.packages.architecture else {
            throw Fault(
                "the \(kind.rawValue) image came out without any package", hint: "check the suite '\(request.suite)' and the mirror")
        }
        try root.finish(user: .cnb, suite: request.suite)
        let facts = try store.writeLayer { try root.write(to: $0) }
        let system = BaseSystem(release: root.release, architecture: architecture, suite: request.suite)
        return InstalledSystem(system: system, packages: root.packages, layer: facts)
    }

    private func store(_ build: InstalledSystem, _ run: InstalledSystem, _ request: BaseRequest) throws -> CreatedBase {
        func member(_ kind: BaseImageKind, _ installed: InstalledSystem) throws -> CreatedBase.Member {
            let image = try Image(config: BaseConfig.config(kind, system: installed.system, user: .cnb), blobs: store)
                .appending([NewLayer(installed.layer, history: BaseConfig.history(kind, system: installed.system))])
            let reference = try request.reference(kind)
            try store.tag(image, [reference])
            events(.stored(kind, reference, image.digest))
            return CreatedBase.Member(reference: reference, digest: image.digest, layerSize: installed.layer.size)
        }
        return CreatedBase(build: try member(.build, build), run: try member(.run, run), system: build.system.prettyName)
    }

    /// An ordinary user needs subordinate ids: a Debian root file system has ids from 0 to 65534.
    private static func requireIDs() throws {
        guard geteuid() != 0 else { return }
        if let shortage = SubordinateIDs.shortage(of: 65_536, for: "making a base as an ordinary user") { throw shortage }
    }

    private static func write(_ text: String, to path: String) throws {
        // mmdebstrap reads it inside a user namespace, where the caller's own files are another user's.
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Fault(system: "writing '\(path)'") }
        defer { close(file) }
        let bytes = Array(text.utf8)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw Fault(system: "writing '\(path)'") }
    }
}

/// What one run of mmdebstrap came to.
private struct InstalledSystem: Sendable {
    var system: BaseSystem
    var packages: InstalledPackages
    var layer: LayerFacts
}

import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage
import OCIRegistry

/// What a build has settled before anything runs: the request with the descriptor, configuration and images looked up.
struct BuildInputs: Sendable {
    var request: BuildRequest
    var app: AppSource
    var descriptor: ProjectDescriptor?
    /// `/platform/env`, name to value.
    var environment: [String: String]
    var builder: BuilderImage
    var order: ComposedOrder
    var runImage: RunImageChoice
    /// Where layers of the run image can be linked from.
    var runImageReference: Reference
    var previous: PreviousImage?
    var user: UInt32
    var group: UInt32
    /// The newest that tote and the builder know (H-32).
    var platformAPI: APIVersion

    /// What of the app takes part in the build.
    var filter: AppFilter { descriptor?.filter ?? .everything }
}

extension BuildPlatform {
    /// Looks everything up, cheapest and most often wrong first.
    ///
    /// `scratch` is an existing folder that stays as long as the build.
    func inputs(for request: BuildRequest, scratch: String) async throws -> BuildInputs {
        let app = try AppSource(request.path)
        let descriptor = try loadDescriptor(request, app)
        let environment = try BuildEnvironmentInputs(
            descriptor: descriptor?.environment ?? [], files: request.environmentFiles, flags: request.environment
        ).merged(caller: self.environment, execEnv: request.execEnv.name)
        environment.warnings.forEach { events(.warning(PhaseWarning($0))) }
        let composition = (try descriptor.map { try GroupComposition($0) } ?? GroupComposition()).overridden(by: request.composition)

        let policy = request.pullPolicy ?? configuration.pullPolicy ?? .standard
        let (builder, builderReference) = try await builder(request, descriptor, policy)
        let available = try builder.available(.buildpack), extensions = try builder.available(.extension)
        let target = ModuleTarget(platform: library.platform, distro: builder.image.baseTarget.distro)
        let finder = try moduleFinder(policy: policy, registry: request.buildpackRegistry, scratch: scratch, target: target)
        let fetched = try await fetch(composition, available: available, extensions: extensions, by: finder)
        let order = try composition.compose(
            builderOrder: builder.order, available: available, availableExtensions: extensions, fetched: fetched)
        guard !order.order.groups.isEmpty else {
            let lack =
                request.buildImage == nil
                ? "the builder '\(builderReference)' has no buildpacks in its order"
                : "'\(builderReference)' is a build image without buildpacks"
            throw Fault(
                "there is nothing to build with: \(lack), and the project names none",
                hint: "name buildpacks with --buildpack, or in project.toml, in [[io.buildpacks.group]]",
                exitCode: ExitStatus.nothingDetected.rawValue)
        }
        let user = request.user ?? builder.identity.user, group = request.group ?? builder.identity.group
        guard user != 0 else {
            throw Fault("refusing to run buildpacks as root", hint: "use a builder whose CNB_USER_ID is not 0, or --uid")  // L-61
        }
        let (runImage, reference) = try await runImage(request, builder, builderReference, policy)
        return BuildInputs(
            request: request, app: app, descriptor: descriptor, environment: environment.values, builder: builder, order: order,
            runImage: runImage, runImageReference: reference, previous: try await previousImage(request), user: user, group: group,
            platformAPI: try builder.platformAPI())
    }

    /// The builder, or the build image in its place.
    private func builder(
        _ request: BuildRequest, _ descriptor: ProjectDescriptor?, _ policy: PullPolicy
    ) async throws -> (BuilderImage, Reference) {
        let reference = try request.buildImage ?? builderName(request, descriptor)
        if reference.name == request.image.name {
            throw Fault("forbidden image name: '\(request.image)' would overwrite the builder", hint: "choose another name")  // L-21
        }
        guard library.platform.isNative else {
            throw Fault(
                "cannot build for \(library.platform): buildpacks have to run, and this machine runs programs for \(Platform.host)",
                hint: "run the same command on a machine for \(library.platform), or build for \(Platform.host)")
        }
        events(.started(.analyzing))
        guard request.buildImage != nil else {
            let found = try await library.image(reference, policy: policy, role: "builder")
            return (try BuilderImage(found, name: reference.familiar), reference)
        }
        guard let runImage = request.runImage else {
            throw Fault("a build in a build image needs a run image too", hint: "name it with --run-image")
        }
        let found = try await library.image(reference, policy: policy, role: "build image")
        return (
            try BuilderImage(buildImage: found, name: reference.familiar, runImage: RunImage(image: runImage.familiar)), reference
        )
    }

    /// Warnings are shown whether or not reading went well.
    private func loadDescriptor(_ request: BuildRequest, _ app: AppSource) throws -> ProjectDescriptor? {
        let reading = try app.descriptor(named: request.descriptor, workingDirectory: request.workingDirectory)
        reading?.warnings.forEach { events(.warning(PhaseWarning($0))) }
        return try reading?.get()
    }

    /// A-43, L-28.
    private func builderName(_ request: BuildRequest, _ descriptor: ProjectDescriptor?) throws -> Reference {
        if let builder = request.builder { return builder }
        do {
            if let name = descriptor?.builder, !name.isEmpty { return try Reference(parsing: name) }
        } catch {
            throw Fault("the builder in the project descriptor: \(error.message)", hint: error.hint, at: descriptor?.builderLocation)
        }
        if let name = configuration.defaultBuilder { return try Reference(parsing: name) }
        let suggestions = KnownBuilder.all.map { "  \($0.image) (\($0.vendor), \($0.description))" }
        throw Fault(
            "no builder is named",
            hint: """
                name one with --builder, in project.toml as 'builder' of [io.buildpacks], or in the configuration as 'default-builder-image': \
                one of your own made with 'tote base create' and 'tote builder create', or one of these
                \(suggestions.joined(separator: "\n"))
                """,
            exitCode: 2)
    }

    /// D-2, D-5: an image that is not there, or that no lifecycle built, is no error.
    private func previousImage(_ request: BuildRequest) async throws -> PreviousImage? {
        let reference = request.previousImage ?? request.image
        var found = request.publish ? nil : try storedPreviousImage(request)
        if found == nil, !request.publish { found = try await library.daemonApp(reference) }
        if found == nil, request.publish || request.previousImage != nil {
            do {
                found = try await registry.image(reference, platform: library.platform, store: store)
            } catch let error as RegistryError where error.kind == .noSuchPlatform {
                return nil
            }
        }
        // Layers made for another processor are of no use here.
        guard let found, library.other(than: library.platform, found) == nil else { return nil }
        return PreviousImage(found)
    }

    /// One whose documents are damaged is built again, unless it was asked for.
    private func storedPreviousImage(_ request: BuildRequest) throws -> Image? {
        if let reference = request.previousImage { return try store.image(reference) }
        do {
            return try store.image(request.image)
        } catch let fault as Fault {
            events(.warning(PhaseWarning("the last image is not used: \(fault.message)")))
            return nil
        }
    }
}

extension BuilderImage {
    /// Every buildpack, or every extension, on the builder.
    func available(_ kind: ModuleKind) throws -> [BuildpackReference] {
        try (kind == .buildpack ? documents.buildpackLayers : documents.extensionLayers).modules.flatMap { id, versions in
            try versions.keys.map { BuildpackReference(id: try BuildpackID(id), version: try BuildpackVersion($0)) }
        }.sorted()
    }
}

import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage
import OCIRegistry

extension BuildPlatform {
    /// L-25, D-10, D-67: the run image, and the name it was found under.
    ///
    /// Mirrors of the configuration come first. They are this user's own business, so the image's label does not tell of them.
    func runImage(
        _ request: BuildRequest, _ builder: BuilderImage, _ builderReference: Reference, _ policy: PullPolicy
    ) async throws -> (RunImageChoice, Reference) {
        let names: RunImage
        let chosen: Reference
        if let asked = request.runImage {
            let listed = RunImages(builder.metadata.runImages).entry(for: asked.familiar, extensionsRan: true, sameImage: Self.isSameImage)
            names = listed ?? RunImage(image: asked.familiar)
            chosen = asked
        } else {
            names = builder.runImage
            let registry = request.publish ? request.image.registry : builderReference.registry
            chosen = try Reference(parsing: await mirror(of: names, preferring: registry, policy))
        }
        let image = try await library.image(chosen, policy: policy, role: "run image")
        guard !image.config.os.isEmpty else {
            // D-8
            throw Fault("the run image '\(chosen)' does not say which operating system it is for", exitCode: ExitStatus.analyze.rawValue)
        }
        let host = chosen.registry == Reference.dockerHub ? "index.docker.io" : chosen.registry
        let reference = "\(host)/\(chosen.repository)@\(image.digest)"  // D-68
        return (RunImageChoice(image: image, reference: reference, names: names), chosen)
    }

    /// The best place to have a run image from.
    func mirror(of image: RunImage, preferring registry: String, _ policy: PullPolicy) async throws -> String {
        let own = configuration.mirrors(ofRunImage: image.image)
        let candidates = own + image.candidates
        guard candidates.count > 1 else { return image.image }
        let all = RunImage(image: candidates[0], mirrors: Array(candidates.dropFirst()))
        let text = try await all.choose(
            isOnOutputRegistry: { (try? Reference(parsing: $0).registry) == registry },
            isReadable: { try await isReadable($0, policy, isLast: $1) })
        if text != image.image {
            events(.note("Selected run image mirror '\(text)'" + (own.contains(text) ? " from local config" : "")))
        }
        return text
    }

    /// One that cannot be asked counts as unreadable: another place may have it.
    private func isReadable(_ name: String, _ policy: PullPolicy, isLast: Bool) async throws -> Bool {
        do {
            return try await library.exists(Reference(parsing: name), policy: policy, hasAlternative: !isLast)
        } catch let error as RegistryError {
            events(.warning(PhaseWarning("the run image '\(name)' cannot be read: \(error.message)", hint: error.hint)))
            return false
        }
    }

    static func isSameImage(_ a: String, _ b: String) -> Bool {
        guard let a = try? Reference(parsing: a), let b = try? Reference(parsing: b) else { return a == b }
        return a.normalisedName == b.normalisedName
    }
}

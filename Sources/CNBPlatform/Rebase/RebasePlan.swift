import CNBLifecycle
import Diagnostics
import OCIImage

/// An app image with the run image that each of its platforms is to stand on. Nothing is decided or written yet.
struct RebasePlan: Sendable {
    var subject: RebaseSubject
    /// One for each image.
    var phases: [RebasePhase]

    var bases: [RebaseBase] { phases.map(\.base) }

    /// The images on their new bases, or an error if one of them must not be there.
    func run() async throws -> NamedImages {
        var images: [Image] = []
        for phase in phases { images.append(try await phase.run()) }
        return try subject.content.replacing(images)
    }
}

extension BuildPlatform {
    /// Looks up everything that a rebase needs: no layer.
    func rebasePlan(
        _ place: RebasePlace, _ request: RebaseRequest, _ bases: RebaseBases, scratch: String, events: @escaping PhaseEvents
    ) async throws -> RebasePlan {
        let subject = try await rebaseSubject(place, request, scratch: scratch)
        var phases: [RebasePhase] = []
        for image in subject.content.images {
            let app = try RebaseApp(image, name: subject.name)
            let base = try await bases.base(for: app, registry: subject.registry)
            phases.append(
                RebasePhase(
                    app: app, base: base, isForced: request.isForced, isStrict: request.isStrict, store: store, events: events))
        }
        return RebasePlan(subject: subject, phases: phases)
    }
}

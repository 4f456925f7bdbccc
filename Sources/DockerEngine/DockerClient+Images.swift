package import Archive
import Diagnostics
import NIOHTTP1
package import OCIImage

extension DockerClient {
    /// The image of that name; nil when the daemon has none.
    package func inspect(_ reference: Reference) async throws -> DaemonImage? { try await look(for: reference)?.image }

    /// The image with that id.
    package func inspect(_ id: Digest) async throws -> DaemonImage? { try await inspect(named: "\(id)") }

    private func inspect(named name: String) async throws -> DaemonImage? {
        do {
            return try await ask(DockerRequest(.GET, image: name, "/json"), for: DaemonImage.self)
        } catch let error as DockerError where error.kind == .notFound {
            return nil
        }
    }

    /// The image, and the name under which the daemon has it.
    private func look(for reference: Reference) async throws -> (name: String, image: DaemonImage)? {
        var names = [reference.full]
        // An image that was built there under a short name is one of `localhost` to Podman.
        if daemon.product == .podman, reference.registry == Reference.dockerHub { names.append(reference.familiarTagged) }
        for name in names {
            if let image = try await inspect(named: name) { return (name, image) }
        }
        return nil
    }

    /// All images of the daemon that have not just been steps of a build.
    package func list() async throws -> [ListedImage] {
        try await ask(DockerRequest(.GET, "/images/json"), for: [ListedImage].self)
    }

    /// Gives an image of the daemon one more name, taking it from the image that had it.
    package func tag(_ id: Digest, as reference: Reference) async throws {
        let name = try reference.nameToGive()
        _ = try await ask(
            DockerRequest(.POST, image: "\(id)", "/tag", query: [("repo", name.name), ("tag", name.tag ?? "")]), wanted: [200, 201])
    }

    /// Takes a name away, and the image with its last one. False when the daemon has no such image.
    @discardableResult
    package func remove(_ reference: Reference, force: Bool = false) async throws -> Bool {
        guard let name = try await look(for: reference)?.name else { return false }
        _ = try await ask(DockerRequest(.DELETE, image: name, query: force ? [("force", "1")] : []))
        return true
    }
}

extension Reference {
    /// The reference as a name to give to an image: with its tag, without a digest.
    func nameToGive() throws(Fault) -> Reference {
        guard let tagged else { throw Fault("'\(self)' has no tag to give to an image", hint: "name it '\(familiarName):TAG'") }
        return tagged
    }
}

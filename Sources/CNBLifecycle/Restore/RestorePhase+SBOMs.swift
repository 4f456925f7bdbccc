import Archive
import CNBSpec
import Diagnostics
import OCIImage

// D-24
extension RestorePhase {
    /// The SBOM layer of the previous image.
    enum PreviousSBOMs: Equatable {
        case none
        /// The file with its blob.
        case blob(String)
        case lost
    }

    /// Its blob is read in any case, and so verified: reused layers would come into the image without their SBOMs.
    func previousSBOMs() async throws -> PreviousSBOMs {
        guard !skipLayers, let previous, let sha = previous.metadata.sbom?.sha else { return .none }
        if let layer = previous.layer(sha) {
            let path = try await readingPreviousSBOMs { try await previous.image.blobs.blob(layer.descriptor) }
            guard try await removeIfDamaged(layer.descriptor.digest) else { return .blob(path) }
        }
        if previous.hasLost(sha) {
            let why = "the SBOM layer of the previous image is missing or damaged in the image store"
            events(.warning(PhaseWarning("\(why); no layer is restored, so that all are made again with their SBOMs")))
            return .lost
        }
        guard let layer = previous.layer(sha) else { return .none }
        return .blob(try await readingPreviousSBOMs { try await previous.image.blobs.blob(layer.descriptor) })
    }

    /// The cache's first, so that the image's own win.
    func restoreSBOMs(previous: PreviousSBOMs) async throws {
        let restoration = SBOMRestoration(room: room, group: group, layersDirectory: inputs.directories.layers)
        if let facts = cache.blobs[cache.metadata.sbom.sha], store.contains(facts.digest) {
            let path = store.path(of: facts.digest)
            do {
                guard store.contains(facts) else { throw Fault("its blob does not have \(facts.size) bytes") }
                try await blocking { _ in try restoration.run(.cache, layer: path) }
            } catch let error as CancellationError {
                throw error
            } catch {
                warnOfDamage("SBOM layer", error)
                try await removeIfDamaged(facts.digest)
            }
        }
        if case .blob(let path) = previous {
            try await readingPreviousSBOMs { try await blocking { _ in try restoration.run(.launch, layer: path) } }
        }
    }

    private func readingPreviousSBOMs<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as CancellationError {
            throw error
        } catch {
            // The next build would find the same, so the way out is told.
            var fault = Fault("the SBOM layer of the previous image", cause: error)
            fault.hint = fault.hint ?? "build with --clear-cache, or name another image with --previous-image"
            throw fault
        }
    }
}

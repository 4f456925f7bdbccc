import Diagnostics
package import OCIImage

extension BuildPlatform {
    /// Throws unless that is a builder which exists in the store or at its registry.
    package func checkBuilder(_ reference: Reference) async throws {
        do {
            let policy = configuration.pullPolicy ?? .standard
            _ = try BuilderImage(
                try await library.image(reference, policy: policy, role: "builder", anyPlatform: true), name: reference.familiar)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw Fault("validating that builder '\(reference)' exists", cause: error)
        }
    }
}

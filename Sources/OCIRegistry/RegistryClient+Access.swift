package import OCIImage

extension RegistryClient {
    /// Whether `reference` can be read (N.7). A missing image is no failure of access: then the answer is false; everything else throws.
    package func checkReadAccess(_ reference: Reference) async throws -> Bool {
        try await resolve(reference) != nil
    }

    /// Throws unless the repository of `reference` takes uploads: an upload is opened and given back (N.7).
    package func checkWriteAccess(_ reference: Reference) async throws {
        let repository = try await origin(reference)
        if case .session(let session) = try await openUpload(repository) { await abandon(session, in: repository) }
    }
}

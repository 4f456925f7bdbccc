/// Who we are to which registry.
package struct CredentialStore: Sendable {
    /// Knows nobody.
    package init() {}

    /// What is known for a repository of a registry.
    func search(host: String, repository: String) async throws -> CredentialSearch { CredentialSearch() }
}

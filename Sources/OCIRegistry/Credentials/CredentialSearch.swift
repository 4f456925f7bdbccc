/// What looking for a registry's credentials gave.
package struct CredentialSearch: Equatable, Sendable {
    /// nil: we go there as nobody.
    package var credential: Credential?
    /// Places that could not be asked, for the case that the registry then says no: "'docker-credential-x' is not installed".
    package var problems: [String]

    package init(_ credential: Credential? = nil, problems: [String] = []) {
        self.credential = credential
        self.problems = problems
    }
}

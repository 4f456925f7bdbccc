extension RegistryError {
    /// What to do about a no, given who asked. nil for other kinds of failure.
    ///
    /// Many registries do not tell a missing repository from a forbidden one, so neither can we.
    static func accessHint(_ kind: Kind, at repository: RemoteRepository, _ search: CredentialSearch?) -> String? {
        let host = repository.hostName
        let login = "log in with 'docker login \(host)' or set CNB_REGISTRY_AUTH"
        let problems = search?.problems.map { "; \($0)" }.joined() ?? ""
        switch (kind, search?.credential) {
        case (.unauthorized, let credential?):
            return "\(host) does not accept \(credential) here, or the repository does not exist: check its name, or \(login)\(problems)"
        case (.unauthorized, nil):
            return "the repository does not exist, or \(host) wants credentials, and none were found for it: \(login)\(problems)"
        case (.denied, let credential?):
            return "\(credential) may not do this at \(host), or the repository does not exist\(problems)"
        case (.denied, nil) where search != nil:
            return
                "the repository does not exist, or it is not for everyone, and no credentials were found for \(host): \(login)\(problems)"
        case (.notFound, let credential?):
            return "check the spelling of the repository and the tag, and that \(credential) may see it\(problems)"
        default:
            return nil
        }
    }

    static func unusableRealm(_ realm: String, of repository: RemoteRepository) -> RegistryError {
        let shown = RegistryRequest.withoutSecrets(realm)
        return RegistryError(
            .malformed, "\(repository.hostName) sends us for tokens to '\(shown)', which is no HTTPS address",
            hint: "if you trust that host, name it with --insecure-registry")
    }
}

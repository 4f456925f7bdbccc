/// What authorization is wanted for.
struct AccessRequest: Sendable {
    var repository: RemoteRepository
    var scopes: Set<TokenScope>

    /// `also` is the repository that a blob is linked from.
    init(_ repository: RemoteRepository, also source: RemoteRepository? = nil) {
        self.repository = repository
        scopes = [repository.scope]
        if let source { scopes = scopes.merged(with: [TokenScope(repository: source.name, actions: ["pull"])]) }
    }
}

/// What a token allows: `repository:library/busybox:pull`.
struct TokenScope: Hashable, Sendable {
    /// `repository:library/busybox`
    var resource: String
    /// Empty for scopes of another form, which are passed on as they are.
    var actions: Set<String>

    init(resource: String, actions: Set<String>) {
        self.resource = resource
        self.actions = actions
    }

    init(repository: String, actions: Set<String>) {
        self.init(resource: "repository:\(repository)", actions: actions)
    }

    /// A scope in the form that challenges use.
    init(_ text: Substring) {
        if let first = text.firstIndex(of: ":"), let last = text.lastIndex(of: ":"), first < last {
            resource = String(text[..<last])
            actions = Set(text[text.index(after: last)...].split(separator: ",").map(String.init))
        } else {
            resource = String(text)
            actions = []
        }
    }

    var text: String { actions.isEmpty ? resource : "\(resource):\(actions.sorted().joined(separator: ","))" }
}

extension Set<TokenScope> {
    /// The scopes of a challenge's parameter, as many as make sense.
    init(challenge text: String) {
        self.init(text.split(separator: " ").prefix(8).map { TokenScope($0) })
    }

    /// Both, with one scope per resource.
    func merged(with other: Set<TokenScope>) -> Set<TokenScope> {
        var actions: [String: Set<String>] = [:]
        for scope in union(other) { actions[scope.resource, default: []].formUnion(scope.actions) }
        return Set(actions.map { TokenScope(resource: $0, actions: $1) })
    }

    /// Whether a token for these scopes serves for `wanted` too.
    func cover(_ wanted: Set<TokenScope>) -> Bool {
        wanted.allSatisfy { scope in contains { $0.resource == scope.resource && $0.actions.isSuperset(of: scope.actions) } }
    }

    /// In an order that does not change.
    var texts: [String] { map(\.text).sorted() }
}

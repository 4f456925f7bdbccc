import NIOHTTP1
import Synchronization
import TestSupport

@testable import OCIRegistry

/// A token service of our own, and registries that take nothing but its tokens.
final class TokenServer: Sendable {
    /// How it answers, where that is not usual.
    struct Behaviour: Sendable {
        /// Members of the answer besides the token.
        var extra = ""
        /// Name of the member that holds the token.
        var member = "token"
        /// Takes the place of the whole answer.
        var answer: ScriptedServer.Answer?
        /// `Authorization` headers that it takes; nil: everyone is welcome.
        var accepts: Set<String>?
        /// Actions that it grants to everyone who asks.
        var grants: Set<String> = ["pull", "push"]
    }

    private final class State: Sendable {
        let granted = Mutex<[String: Set<String>]>([:])
    }

    private let state: State
    private let server: ScriptedServer

    init(_ behaviour: Behaviour = Behaviour()) async throws {
        let state = State()
        self.state = state
        server = try await ScriptedServer { request in
            if let accepted = behaviour.accepts {
                let shown =
                    request.method == .POST
                    ? Self.fields(String(decoding: request.body, as: UTF8.self))["refresh_token"]?.first
                    : request.headers.first(name: "Authorization")
                guard let shown, accepted.contains(shown) else {
                    return .text(.unauthorized, #"{"details": "incorrect username or password"}"#)
                }
            }
            if let answer = behaviour.answer { return answer }
            let scopes = Self.scopes(request)
            let granted = scopes.map { scope in
                let parts = scope.split(separator: ":")
                let actions = (parts.last ?? "").split(separator: ",").map(String.init).filter(behaviour.grants.contains)
                return "\(parts.dropLast().joined(separator: ":")):\(actions.joined(separator: ","))"
            }
            let token = state.granted.withLock { tokens in
                let token = "token-number-\(tokens.count + 1)"
                tokens[token] = Set(granted)
                return token
            }
            return .text(.ok, #"{"\#(behaviour.member)": "\#(token)"\#(behaviour.extra)}"#)
        }
    }

    var realm: String { "http://\(server.host)/token" }
    var requests: [ScriptedServer.Request] { server.requests }
    /// The scopes of each request so far.
    var scopes: [[String]] { requests.map(Self.scopes) }

    /// From now on no token is good that was given before.
    func revoke() { state.granted.withLock { for token in $0.keys { $0[token] = [] } } }

    /// A registry's script behind tokens of this server: 401 and a challenge to whoever has none for the repository and the method.
    func guarding(service: String = "our registry", alsoScope: String = "", _ script: @escaping ScriptedServer.Script)
        -> ScriptedServer.Script
    {
        let (realm, state) = (realm, state)
        return { request in
            let repository = request.uri.dropFirst("/v2/".count).split(separator: "/").first.map(String.init) ?? ""
            let needed: Set<String> = request.method == .GET || request.method == .HEAD ? ["pull"] : ["push"]
            let bearer = request.headers.first(name: "Authorization")?.split(separator: " ").last.map(String.init) ?? ""
            let scopes = state.granted.withLock { $0[bearer] ?? [] }
            let allowed = scopes.contains { scope in
                let parts = scope.split(separator: ":")
                return parts.count == 3 && parts[1] == repository
                    && needed.isSubset(of: Set(parts[2].split(separator: ",").map(String.init)))
            }
            if allowed, alsoScope.isEmpty || scopes.contains(alsoScope) { return script(request) }
            let actions = needed == ["pull"] ? "pull" : "pull,push"
            let scope = "repository:\(repository):\(actions)" + (alsoScope.isEmpty ? "" : " \(alsoScope)")
            return .text(
                .unauthorized, #"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#,
                headers: [("WWW-Authenticate", #"Bearer realm="\#(realm)",service="\#(service)",scope="\#(scope)""#)])
        }
    }

    static func scopes(_ request: ScriptedServer.Request) -> [String] {
        if request.method == .POST {
            return fields(String(decoding: request.body, as: UTF8.self))["scope"]?.first?.split(separator: " ").map(String.init) ?? []
        }
        return fields(request.uri.split(separator: "?").last.map(String.init) ?? "")["scope"] ?? []
    }

    /// Decoded query or form.
    static func fields(_ text: String) -> [String: [String]] {
        var fields: [String: [String]] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { PercentEncoding.decode($0) ?? "" }
            if parts.count == 2 { fields[parts[0], default: []].append(parts[1]) }
        }
        return fields
    }
}

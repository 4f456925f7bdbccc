import FoundationEssentials

/// What is known to one registry about us.
package struct Credential: Equatable, Sendable {
    package enum Proof: Equatable, Sendable {
        case password(user: String, Secret)
        /// Exchanged for tokens by OAuth 2 (`grant_type=refresh_token`).
        case identityToken(Secret)
        /// A Bearer token for the registry itself, sent as it is.
        case registryToken(Secret)
    }

    package var proof: Proof
    /// Where it was found, for messages: a file, a helper program or a variable.
    package var origin: String

    package init(_ proof: Proof, from origin: String) {
        self.proof = proof
        self.origin = origin
    }
}

extension Credential {
    var secret: Secret {
        switch proof {
        case .password(_, let secret), .identityToken(let secret), .registryToken(let secret): secret
        }
    }
}

extension Credential: CustomStringConvertible {
    /// `user 'alice' from '/home/alice/.docker/config.json'`
    package var description: String {
        switch proof {
        case .password(let user, _): "user '\(RegistryError.printable(user, limit: 80))' from \(origin)"
        case .identityToken: "the identity token from \(origin)"
        case .registryToken: "the token from \(origin)"
        }
    }
}

extension Credential {
    /// A user name and its secret. Docker keeps identity tokens under the user `<token>`.
    init(user: String, secret: Secret, from origin: String) {
        self.init(user == "<token>" ? .identityToken(secret) : .password(user: user, secret), from: origin)
    }

    /// The base64 form of `USER:PASSWORD`; nil when the text is not that.
    init?(base64 text: String, from origin: String) {
        guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters),
            let plain = String(validating: data, as: UTF8.self), let colon = plain.firstIndex(of: ":"), colon > plain.startIndex
        else { return nil }
        // Old versions of Docker pad the password.
        var password = plain[plain.index(after: colon)...]
        while password.last == "\0" { password.removeLast() }
        self.init(user: String(plain[..<colon]), secret: Secret(String(password)), from: origin)
    }

    /// The value of an `Authorization` header with user name and password.
    static func basic(user: String, password: Secret) -> Secret {
        Secret("Basic \(Data("\(user):\(password.reveal())".utf8).base64EncodedString())")
    }
}

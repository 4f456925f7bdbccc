import Diagnostics

/// A registry said no, said something wrong, or could not be reached.
package struct RegistryError: Diagnosable, Equatable {
    package enum Kind: Equatable, Sendable {
        /// 404.
        case notFound
        /// 401: it wants credentials.
        case unauthorized
        /// 403.
        case denied
        /// 429.
        case rateLimited
        /// 408 or 5xx.
        case unavailable
        /// Any other status that was not asked for.
        case rejected
        /// No connection: name unknown, refused, no route.
        case unreachable
        /// The connection broke in the middle.
        case interrupted
        /// Silence for too long.
        case timedOut
        /// TLS could not be set up, or the certificate is not trusted.
        case untrusted
        /// The bytes are not those of the digest or size that they should have.
        case corrupted
        /// The answer makes no sense: bad JSON, missing headers, a redirect to nowhere.
        case malformed
        /// Understood, but nothing that tote can use: an old schema, an artifact.
        case unsupported
        /// The index has no image for the wanted platform.
        case noSuchPlatform
    }

    package var kind: Kind
    package var message: String
    package var hint: String?
    /// The HTTP status, when there was an answer.
    package var status: Int?
    /// The registry's own error codes (`MANIFEST_UNKNOWN`).
    package var codes: [String]
    /// How long the registry asks to wait.
    package var retryAfter: Duration?

    init(_ kind: Kind, _ message: String, hint: String? = nil, status: Int? = nil, codes: [String] = [], retryAfter: Duration? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.status = status
        self.codes = codes
        self.retryAfter = retryAfter
    }

    /// Another attempt may go better. I-12, and 429 too, which says itself when.
    var isTransient: Bool {
        switch kind {
        case .rateLimited, .unavailable, .unreachable, .interrupted, .timedOut: true
        default: false
        }
    }

    /// The same failure with what went wrong at the mirror before.
    func after(mirror error: RegistryError) -> RegistryError {
        var both = self
        both.message += "\nits mirror failed before that: \(error.message)"
        return both
    }
}

extension RegistryError: CustomStringConvertible {
    package var description: String { message }
}

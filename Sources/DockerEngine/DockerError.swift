import Diagnostics

/// A daemon said no, said something wrong, or could not be reached.
package struct DockerError: Diagnosable, Equatable {
    package enum Kind: Equatable, Sendable {
        /// Nobody listens there.
        case unreachable
        /// Somebody listens, but this user may not connect.
        case denied
        /// Silence for too long.
        case timedOut
        /// The connection broke in the middle.
        case interrupted
        /// TLS could not be set up, or the certificate is not trusted.
        case untrusted
        /// 404.
        case notFound
        /// Any other status that was not asked for, or an error inside a stream.
        case rejected
        /// The answer makes no sense.
        case malformed
        /// The image is not the one that it should be.
        case corrupted
        /// A daemon that tote cannot work with: too old, for another operating system.
        case unsupported
    }

    package var kind: Kind
    package var message: String
    package var hint: String?
    /// The HTTP status, when there was an answer.
    package var status: Int?

    init(_ kind: Kind, _ message: String, hint: String? = nil, status: Int? = nil) {
        self.kind = kind
        self.message = message
        self.hint = hint
        self.status = status
    }

    /// Text from outside on one line, without anything that could steer a terminal, cut to a readable length.
    static func printable(_ text: String, limit: Int = 500) -> String {
        let cleaned = String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
        return cleaned.count > limit ? "\(cleaned.prefix(limit))…" : cleaned
    }
}

extension DockerError: CustomStringConvertible {
    package var description: String { message }
}

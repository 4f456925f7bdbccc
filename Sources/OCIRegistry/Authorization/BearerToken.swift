import Diagnostics
import FoundationEssentials
import OCIImage

/// A token that a token service gave, and how long it is good.
struct BearerToken: Sendable {
    var value: Secret
    var expires: ContinuousClock.Instant
    /// What it was asked for, to ask for the same again.
    var scopes: Set<TokenScope>

    /// The most of a token service's answer that is read.
    static let answerLimit = 1 << 20
    /// What counts when the answer does not say.
    private static let defaultLifetime = 60.0
    private static let longestLifetime = 86_400.0

    private struct Answer: Decodable {
        var token: String?
        var access_token: String?
        var expires_in: OpaqueJSON?
        var issued_at: OpaqueJSON?
    }

    /// Reads `{"token": …, "access_token": …, "expires_in": …, "issued_at": …}`. Errors do not repeat any of it.
    init(answer bytes: [UInt8], for scopes: Set<TokenScope>) throws(Fault) {
        let answer: Answer
        do throws(Fault) {
            answer = try CanonicalJSON.decode(Answer.self, from: bytes, limit: Self.answerLimit, what: "the answer")
        } catch {
            throw Fault("the answer is not the JSON of a token")
        }
        let text = [answer.token, answer.access_token].compactMap { $0 }.first { !$0.isEmpty }
        guard let text else { throw Fault("the answer holds no token") }
        value = Secret(text)
        guard value.fitsHeader else { throw Fault("the token in the answer cannot be sent in a header") }
        self.scopes = scopes
        expires = .now + .seconds(Self.lifetime(answer))
    }

    /// Seconds, less a little so that the token does not expire on its way.
    private static func lifetime(_ answer: Answer) -> Double {
        let stated: Double =
            switch answer.expires_in {
            case .integer(let seconds) where seconds > 0: min(Double(seconds), longestLifetime)
            case .number(let seconds) where seconds > 0: min(seconds, longestLifetime)
            default: defaultLifetime
            }
        var left = stated
        // Services hand out tokens that they made a while ago. A clock that disagrees by more than a token's life says nothing.
        if case .string(let text) = answer.issued_at, let issued = date(text) {
            let age = Date().timeIntervalSince(issued)
            if age > 0, age < stated { left -= age }
        }
        return left - min(10, left / 10)
    }

    /// RFC 3339; the fraction of the second does not matter here.
    private static func date(_ text: String) -> Date? {
        let whole = text.prefix { $0 != "." } + text.drop { $0 != "." }.dropFirst().drop { $0.isNumber }
        return try? Date.ISO8601FormatStyle().parse(String(whole))
    }

    var isValid: Bool { .now < expires }

    var header: Secret { Secret("Bearer \(value.reveal())") }

    /// `credential` is what it was got with, which must not show either.
    func authorization(as credential: Credential?) -> Authorization {
        Authorization(header: header, secrets: credential.map { [$0.secret] } ?? [])
    }
}

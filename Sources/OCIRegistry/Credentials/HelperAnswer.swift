import Diagnostics
import OCIImage

/// What the output of a credential helper means.
enum HelperAnswer: Equatable, Sendable {
    case found(Credential)
    /// It works, but has nothing for this registry.
    case nothing

    private struct Document: Decodable {
        var Username: String?
        var Secret: String?
    }

    /// The words of Docker's helper programs.
    private static let nothingKnown = ["credentials not found in native keychain", "credentials not found"]

    /// `program` names it in errors, which never repeat what it wrote.
    init(_ output: CredentialHelperOutput, of program: String) throws(Fault) {
        let text = output.output.reveal()
        guard output.exitStatus == 0 else {
            let words = text.drop { $0.isWhitespace }
            guard Self.nothingKnown.contains(where: words.hasPrefix) else {
                throw Fault("the credential helper '\(program)' failed with exit status \(output.exitStatus)")
            }
            self = .nothing
            return
        }
        let document: Document
        do throws(Fault) {
            document = try CanonicalJSON.decode(Document.self, from: Array(text.utf8), limit: HelperProgram.outputLimit, what: "it")
        } catch {
            throw Fault("the credential helper '\(program)' did not answer with the JSON of a credential")
        }
        guard let user = document.Username, let secret = document.Secret, !user.isEmpty, !secret.isEmpty else {
            self = .nothing
            return
        }
        self = .found(Credential(user: user, secret: Secret(secret), from: "'\(program)'"))
    }
}

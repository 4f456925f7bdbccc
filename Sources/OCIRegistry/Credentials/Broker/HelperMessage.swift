/// What tote and its broker of credential helpers say to each other.
///
/// On the wire: the length of what follows (4 bytes), the kind (1), the number of the request (4), the fields. Numbers are little-endian,
/// texts are separated by a zero byte.
enum HelperMessage: Sendable {
    /// Run a program with the name of a registry as its input.
    case run(id: UInt32, program: String, server: String)
    /// Nobody waits for that any more.
    case cancel(id: UInt32)
    /// What a program answered.
    case output(id: UInt32, CredentialHelperOutput)
    /// Why there is no answer.
    case failure(id: UInt32, message: String, hint: String?)

    /// More than the longest answer of a helper.
    static let sizeLimit = HelperProgram.outputLimit + 4096

    private enum Kind: UInt8 {
        case run = 1
        case cancel, output, failure
    }

    /// Nil for bytes that no version of tote writes.
    init?(decoding bytes: [UInt8]) {
        guard bytes.count >= 5, let kind = Kind(rawValue: bytes[0]) else { return nil }
        let id = Self.number(bytes[1..<5]), rest = bytes[5...]
        func texts() -> (String, String)? {
            let parts = rest.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (String(decoding: parts[0], as: UTF8.self), String(decoding: parts[1], as: UTF8.self)) : nil
        }
        switch kind {
        case .run:
            guard let (program, server) = texts() else { return nil }
            self = .run(id: id, program: program, server: server)
        case .cancel:
            self = .cancel(id: id)
        case .output:
            guard rest.count >= 4 else { return nil }
            let status = Int32(bitPattern: Self.number(rest.prefix(4)))
            self = .output(id: id, CredentialHelperOutput(exitStatus: status, output: Array(rest.dropFirst(4))))
        case .failure:
            guard let (message, hint) = texts() else { return nil }
            self = .failure(id: id, message: message, hint: hint.isEmpty ? nil : hint)
        }
    }

    /// Without the length in front.
    var encoded: [UInt8] {
        switch self {
        case .run(let id, let program, let server): Self.head(.run, id) + Array(program.utf8) + [0] + Array(server.utf8)
        case .cancel(let id): Self.head(.cancel, id)
        case .output(let id, let output):
            Self.head(.output, id) + Self.bytes(UInt32(bitPattern: output.exitStatus)) + Array(output.output.reveal().utf8)
        case .failure(let id, let message, let hint): Self.head(.failure, id) + Array(message.utf8) + [0] + Array((hint ?? "").utf8)
        }
    }

    private static func head(_ kind: Kind, _ id: UInt32) -> [UInt8] { [kind.rawValue] + bytes(id) }

    static func bytes(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * UInt32($0))) } }

    static func number(_ bytes: some Collection<UInt8>) -> UInt32 { bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) } }
}

package import Diagnostics
import FoundationEssentials

/// The one writer and reader of JSON whose bytes are digested (N.8).
///
/// Writing: keys in byte order, no white space, slashes as they are. Equal values give equal bytes on every machine.
package enum CanonicalJSON {
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(value))
    }

    /// Reads a document that others wrote. `what` names it in errors: "the manifest of 'busybox'".
    ///
    /// Refuses, before it is read, what is larger than `limit` bytes or nested deeper than any real document, so that hostile
    /// input costs neither memory nor stack.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8], limit: Int, what: @autoclosure () -> String)
        throws(Fault) -> Value
    {
        guard bytes.count <= limit else { throw Fault("\(what()) is too large: \(bytes.count) bytes, the limit is \(limit)") }
        guard nesting(of: bytes) <= maximumNesting else { throw Fault("\(what()) is nested deeper than \(maximumNesting) levels") }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch let error as DecodingError {
            throw Fault("\(what()) cannot be read: \(describe(error))")
        } catch {
            throw Fault("\(what()) cannot be read", cause: error)
        }
    }

    static let maximumNesting = 64

    /// The deepest level of brackets outside of texts.
    static func nesting(of bytes: [UInt8]) -> Int {
        var depth = 0, deepest = 0
        var isInText = false, isEscaped = false
        for byte in bytes {
            if isInText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInText = true
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                depth += 1
                deepest = max(deepest, depth)
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
        }
        return deepest
    }

    private static func describe(_ error: DecodingError) -> String {
        switch error {
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "\(place(context)) has the wrong type"
        case .keyNotFound(let key, let context): "\(place(context, key)) is missing"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "it is not valid JSON" : "\(place(context)): \(context.debugDescription)"
        @unknown default: "it is not valid"
        }
    }

    /// `'config.Env[3]'`
    private static func place(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
        var text = ""
        for key in context.codingPath + (last.map { [$0] } ?? []) {
            if let index = key.intValue { text += "[\(index)]" } else { text += (text.isEmpty ? "" : ".") + key.stringValue }
        }
        return text.isEmpty ? "the whole document" : "'\(text)'"
    }
}

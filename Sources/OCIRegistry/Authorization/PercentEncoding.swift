/// Text inside the query of an address or in a form.
enum PercentEncoding {
    private static let digits = Array("0123456789ABCDEF".unicodeScalars)

    /// Everything but letters, digits and `-._~` is encoded.
    static func query(_ value: String) -> String {
        var result = String.UnicodeScalarView()
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                result.append(Unicode.Scalar(byte))
            default:
                result.append("%")
                result.append(digits[Int(byte >> 4)])
                result.append(digits[Int(byte & 15)])
            }
        }
        return String(result)
    }

    /// The text that an encoded one stands for; nil when it is not well formed.
    static func decode(_ text: some StringProtocol) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst(), let low = rest.popFirst(), let value = digit(high), let second = digit(low) else {
                return nil
            }
            bytes.append(value << 4 | second)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
    }

    /// `a=b&c=d`
    static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\(query($0))=\(query($1))" }.joined(separator: "&")
    }
}

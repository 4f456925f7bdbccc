/// What a token means as a number.
enum TOMLNumber {
    case integer(Int64)
    case float(Double)
    case outOfRange
    case leadingZero
    case invalid

    init(_ token: ArraySlice<UInt8>) {
        var digits = token
        let sign = token.first
        let isSigned = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
        if isSigned { digits = digits.dropFirst() }
        let isNegative = sign == UInt8(ascii: "-")
        if digits.elementsEqual("inf".utf8) {
            self = .float(isNegative ? -Double.infinity : Double.infinity)
        } else if digits.elementsEqual("nan".utf8) {
            self = .float(isNegative ? -Double.nan : Double.nan)
        } else if !isSigned, digits.count > 1, digits.first == UInt8(ascii: "0"), let base = Self.base(digits[digits.startIndex + 1]) {
            self = Self.integer(digits.dropFirst(2), base: base, isNegative: false)
        } else if digits.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }) {
            self = Self.float(digits, isNegative: isNegative)
        } else if Self.hasLeadingZero(digits) {
            self = .leadingZero
        } else {
            self = Self.integer(digits, base: 10, isNegative: isNegative)
        }
    }

    private static func base(_ letter: UInt8) -> Int? {
        switch letter {
        case UInt8(ascii: "x"): 16
        case UInt8(ascii: "o"): 8
        case UInt8(ascii: "b"): 2
        default: nil
        }
    }

    private static func hasLeadingZero(_ digits: ArraySlice<UInt8>) -> Bool {
        digits.count > 1 && digits.first == UInt8(ascii: "0") && digits.allSatisfy { $0.isDigit || $0 == UInt8(ascii: "_") }
    }

    private static func integer(_ digits: ArraySlice<UInt8>, base: Int, isNegative: Bool) -> TOMLNumber {
        guard hasGoodUnderscores(digits) else { return .invalid }
        var value: Int64 = 0
        var overflows = false
        for byte in digits where byte != UInt8(ascii: "_") {
            guard let digit = byte.digitValue, digit < base else { return .invalid }
            let (scaled, first) = value.multipliedReportingOverflow(by: Int64(base))
            let (sum, second) =
                isNegative ? scaled.subtractingReportingOverflow(Int64(digit)) : scaled.addingReportingOverflow(Int64(digit))
            overflows = overflows || first || second
            value = sum
        }
        return overflows ? .outOfRange : .integer(value)
    }

    /// `1.5`, `1e3`, `1.5e-3`: digits on both sides of the point, no leading zero before it.
    private static func float(_ digits: ArraySlice<UInt8>, isNegative: Bool) -> TOMLNumber {
        var mantissa = digits
        if let exponentStart = digits.firstIndex(where: { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }) {
            mantissa = digits[..<exponentStart]
            var exponent = digits[(exponentStart + 1)...]
            if exponent.first == UInt8(ascii: "+") || exponent.first == UInt8(ascii: "-") { exponent = exponent.dropFirst() }
            guard isDecimal(exponent) else { return .invalid }
        }
        var whole = mantissa
        if let point = mantissa.firstIndex(of: UInt8(ascii: ".")) {
            whole = mantissa[..<point]
            guard isDecimal(mantissa[(point + 1)...]) else { return .invalid }
        }
        guard isDecimal(whole) else { return .invalid }
        guard !hasLeadingZero(whole) else { return .leadingZero }
        var plain = digits.filter { $0 != UInt8(ascii: "_") }
        if isNegative { plain.insert(UInt8(ascii: "-"), at: 0) }
        return .float(parseDecimalFloat(plain))
    }

    private static func isDecimal(_ digits: ArraySlice<UInt8>) -> Bool {
        hasGoodUnderscores(digits) && digits.allSatisfy { $0.isDigit || $0 == UInt8(ascii: "_") }
    }

    /// At least one digit, and every underscore between two of them.
    private static func hasGoodUnderscores(_ digits: ArraySlice<UInt8>) -> Bool {
        var previous = UInt8(ascii: "_")
        for byte in digits {
            if byte == UInt8(ascii: "_"), previous == UInt8(ascii: "_") { return false }
            previous = byte
        }
        return previous != UInt8(ascii: "_")
    }
}

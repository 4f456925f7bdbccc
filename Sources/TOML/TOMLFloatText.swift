/// A float in the words of Go's `strconv.FormatFloat(f, 'g', -1, 64)`, with `.0` where neither point nor exponent is in it.
func goFloatText(_ value: Double) -> String {
    let sign = value.sign == .minus ? "-" : ""
    if value.isNaN { return "\(sign)nan" }
    if value.isInfinite { return "\(sign)inf" }
    let (digits, exponent) = shortestDigits(value.magnitude)
    let count = digits.count
    if exponent < -4 || exponent >= 6 {
        let fraction = count > 1 ? ".\(decoded(digits.dropFirst()))" : ""
        let magnitude = exponent.magnitude
        return "\(sign)\(decoded(digits.prefix(1)))\(fraction)e\(exponent < 0 ? "-" : "+")\(magnitude < 10 ? "0" : "")\(magnitude)"
    }
    if exponent < 0 { return "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(decoded(digits[...]))" }
    if count <= exponent + 1 { return "\(sign)\(decoded(digits[...]))\(String(repeating: "0", count: exponent + 1 - count)).0" }
    return "\(sign)\(decoded(digits.prefix(exponent + 1))).\(decoded(digits.dropFirst(exponent + 1)))"
}

/// The fewest decimal digits that read back as the same number, and the power of ten of the first of them.
private func shortestDigits(_ value: Double) -> (digits: [UInt8], exponent: Int) {
    var digits: [UInt8] = []
    var point: Int?
    var exponent = 0
    let text = Array(value.description.utf8)
    var place = 0
    while place < text.count {
        let byte = text[place]
        if byte == UInt8(ascii: ".") {
            point = digits.count
        } else if byte == UInt8(ascii: "e") {
            exponent = Int(String(decoding: text[(place + 1)...], as: UTF8.self)) ?? 0
            break
        } else {
            digits.append(byte)
        }
        place += 1
    }
    exponent += (point ?? digits.count) - 1
    let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
    guard leading < digits.count else { return ([UInt8(ascii: "0")], 0) }
    digits.removeFirst(leading)
    exponent -= leading
    while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return (digits, exponent)
}

private func decoded(_ digits: ArraySlice<UInt8>) -> String { String(decoding: digits, as: UTF8.self) }

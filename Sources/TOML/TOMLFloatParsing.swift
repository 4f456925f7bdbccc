// The one difference between the two ways this module is compiled: Embedded Swift has no `Double(String)`.

#if hasFeature(Embedded)
    import CLauncher

    /// The bytes are a decimal number that the parser has checked; too large ones become infinite.
    func parseDecimalFloat(_ digits: [UInt8]) -> Double {
        (digits + [0]).withUnsafeBytes { launcher_strtod($0.baseAddress) }
    }
#else
    /// The bytes are a decimal number that the parser has checked; too large ones become infinite.
    func parseDecimalFloat(_ digits: [UInt8]) -> Double {
        Double(String(decoding: digits, as: UTF8.self)) ?? .nan
    }
#endif

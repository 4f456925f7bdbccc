/// Times as image documents write them.
package enum Timestamp {
    /// `1980-01-01T00:00:01Z` for 315532801: seconds since 1970 in UTC as RFC 3339. Years outside 0...9999 are cut to that range.
    package static func text(secondsSince1970 seconds: Int64) -> String {
        let seconds = min(max(seconds, -62_167_219_200), 253_402_300_799)
        let day = Int(seconds.quotient(dividedBy: 86_400)), second = Int(seconds - Int64(day) * 86_400)
        // Gregorian calendar from day numbers, with years that begin in March (400 years have 146,097 days).
        let shifted = day + 719_468
        let era = Int(Int64(shifted).quotient(dividedBy: 146_097))
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return "\(year.padded(4))-\(month.padded(2))-\(dayOfMonth.padded(2))T"
            + "\((second / 3600).padded(2)):\((second / 60 % 60).padded(2)):\((second % 60).padded(2))Z"
    }
}

extension Int64 {
    /// Rounded down, not towards zero.
    fileprivate func quotient(dividedBy divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self - divisor + 1) / divisor
    }
}

extension Int {
    fileprivate func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}

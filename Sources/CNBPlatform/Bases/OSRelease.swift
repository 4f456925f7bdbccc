/// The fields of /etc/os-release, unquoted.
package struct OSRelease: Equatable, Sendable {
    package var fields: [String: String]

    package init(parsing text: String) {
        fields = [:]
        for line in text.split(separator: "\n") {
            guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { continue }
            var value = DebianControl.trimmed(line[line.index(after: equals)...])[...]
            for quote in ["\"", "'"] where value.count >= 2 && value.hasPrefix(quote) && value.hasSuffix(quote) {
                value = value.dropFirst().dropLast()
            }
            fields[DebianControl.trimmed(line[..<equals])] = String(value)
        }
    }

    /// `debian`
    package var id: String? { fields["ID"] }
    /// `12`; releases in the making have none.
    package var version: String? { fields["VERSION_ID"] }
    /// `bookworm`
    package var codename: String? { fields["VERSION_CODENAME"] }
    /// `Debian GNU/Linux 12 (bookworm)`
    package var prettyName: String? { fields["PRETTY_NAME"] }
}

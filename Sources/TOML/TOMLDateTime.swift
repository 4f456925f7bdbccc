/// One of the four kinds of dates and times of TOML, kept as text.
package struct TOMLDateTime: Equatable, Sendable {
    package enum Kind: Equatable, Sendable { case offsetDateTime, localDateTime, localDate, localTime }

    package var kind: Kind
    /// RFC 3339 with an upper-case `T` and `Z`; the fraction of a second stands as it was written.
    package var text: String

    package init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }
}

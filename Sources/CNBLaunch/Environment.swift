/// The variables of a process, in order. Setting a variable that exists keeps its place; values may be any bytes.
package struct Environment: Equatable, Sendable {
    package struct Variable: Equatable, Sendable {
        package var name: ByteText
        package var value: ByteText
    }

    package private(set) var variables: [Variable] = []

    package init() {}

    /// From `NAME=value`; an entry without `=` or without a name is left out, the last of several for one name wins.
    package init(_ entries: [String]) {
        self.init(raw: entries.map { ByteText($0) })
    }

    package init(raw entries: [ByteText]) {
        for entry in entries {
            guard let equals = entry.bytes.firstIndex(of: UInt8(ascii: "=")), equals > 0 else { continue }
            set(ByteText(bytes: Array(entry.bytes[..<equals])), ByteText(bytes: Array(entry.bytes[(equals + 1)...])))
        }
    }

    /// nil when unset; bytes that are not UTF-8 are replaced in the answer only.
    package subscript(_ name: String) -> String? {
        get { self.value(ByteText(name))?.description }
        set {
            if let newValue { set(ByteText(name), ByteText(newValue)) } else { remove(ByteText(name)) }
        }
    }

    /// `NAME=value`, in order; bytes that are not UTF-8 are replaced.
    package var entries: [String] { rawEntries.map { $0.description } }

    /// `NAME=value`, in order.
    package var rawEntries: [ByteText] { variables.map { $0.name + "=" + $0.value } }

    package func value(_ name: ByteText) -> ByteText? {
        variables.first { $0.name == name }?.value
    }

    package mutating func set(_ name: ByteText, _ value: ByteText) {
        if let place = variables.firstIndex(where: { $0.name == name }) {
            variables[place].value = value
        } else {
            variables.append(Variable(name: name, value: value))
        }
    }

    package mutating func remove(_ name: ByteText) {
        variables.removeAll { $0.name == name }
    }

    /// `addition`, then the separator and the current value, if that is not empty.
    package mutating func prepend(_ name: ByteText, _ addition: ByteText, separator: ByteText) {
        guard let current = value(name), !current.isEmpty else { return set(name, addition) }
        set(name, addition + separator + current)
    }

    /// The current value, if that is not empty, and the separator, then `addition`.
    package mutating func append(_ name: ByteText, _ addition: ByteText, separator: ByteText) {
        guard let current = value(name), !current.isEmpty else { return set(name, addition) }
        set(name, current + separator + addition)
    }
}

import Diagnostics

/// Adds the build user to the account files of a root file system. Pure functions from text to text.
enum AccountFiles {
    /// The day of 1980-01-01, counted from 1970: the "last changed" of every shadow line.
    private static let shadowDay = 3652

    /// /etc/passwd with a line for the user. `hasShadow` says whether passwords live in /etc/shadow.
    static func passwd(_ text: String, adding user: BaseUser, hasShadow: Bool) throws(Fault) -> String {
        let password = hasShadow ? "x" : "*"
        let line = "\(user.name):\(password):\(user.id):\(user.group):\(user.name):\(user.home):\(user.shell)"
        return try adding(line, to: text, name: user.name, id: user.id, kind: "user")
    }

    /// /etc/group with a line for the user's own group.
    static func group(_ text: String, adding user: BaseUser) throws(Fault) -> String {
        try adding("\(user.name):*:\(user.group):", to: text, name: user.name, id: user.group, kind: "group")
    }

    /// /etc/shadow with a line for the user, and the day of the last change the same on every line.
    static func shadow(_ text: String, adding user: BaseUser) -> String {
        var lines = lines(text).map { line -> String in
            var fields = line.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
            if fields.count > 2, !fields[2].isEmpty { fields[2] = String(shadowDay) }
            return fields.joined(separator: ":")
        }
        if !lines.contains(where: { $0.hasPrefix(user.name + ":") }) { lines.append("\(user.name):!:\(shadowDay):0:99999:7:::") }
        return joined(lines)
    }

    /// /etc/gshadow with a line for the user's group.
    static func groupShadow(_ text: String, adding user: BaseUser) -> String {
        var lines = lines(text)
        if !lines.contains(where: { $0.hasPrefix(user.name + ":") }) { lines.append("\(user.name):!::") }
        return joined(lines)
    }

    /// Both files begin with name and password and have the number third.
    private static func adding(_ line: String, to text: String, name: String, id: UInt32, kind: String) throws(Fault) -> String {
        var lines = lines(text)
        for known in lines {
            let fields = known.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count > 2, fields[0] == name || fields[2] == String(id) else { continue }
            guard fields[0] == name, fields[2] == String(id) else {
                throw Fault(
                    "the packages of this base already have the \(kind) '\(fields[0])' with the number \(fields[2])",
                    hint: "leave out the package that makes it: name and number of '\(name)' (\(id)) must be free")
            }
            return text
        }
        lines.append(line)
        return joined(lines)
    }

    private static func lines(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init)
    }

    private static func joined(_ lines: [String]) -> String {
        lines.map { $0 + "\n" }.joined()
    }
}

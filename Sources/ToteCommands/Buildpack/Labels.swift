import Diagnostics

/// `--label NAME=VALUE`
enum Labels {
    static func parse(_ texts: [String]) throws(Fault) -> [String: String] {
        var labels: [String: String] = [:]
        for text in texts {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw Fault("--label: '\(text)' is no label", hint: "write it as NAME=VALUE")
            }
            labels[String(text[..<equals])] = String(text[text.index(after: equals)...])
        }
        return labels
    }
}

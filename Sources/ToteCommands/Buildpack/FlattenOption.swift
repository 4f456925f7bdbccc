import CNBSpec
import Diagnostics

/// `--flatten a@1,b@2` (H-55)
enum FlattenOption {
    /// The modules of each value.
    static func parse(_ values: [String], option: String) throws(Fault) -> [[BuildpackReference]] {
        var groups: [[BuildpackReference]] = []
        for value in values {
            var group: [BuildpackReference] = []
            for text in value.split(separator: ",", omittingEmptySubsequences: false) {
                do throws(Fault) { group.append(try BuildpackReference(String(text))) } catch {
                    throw Fault("\(option): invalid format '\(text)'", hint: "write it as 'id@version', several with commas between")
                }
            }
            groups.append(group)
        }
        return groups
    }
}

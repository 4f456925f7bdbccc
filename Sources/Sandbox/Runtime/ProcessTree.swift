import Glibc

/// Killing a program together with everything below it.
enum ProcessTree {
    struct Member: Equatable {
        var id: pid_t
        var parent: pid_t
        var isDead: Bool
    }

    /// Kills all descendants of `root`, then `root` itself, and returns those that its death hands over to process 1 for reaping.
    ///
    /// OCI runtimes adopt whatever their children leave behind, so all of a sandbox is below the runtime while that lives. It is stopped first:
    /// it can neither start nor forget anything then.
    static func kill(_ root: pid_t) -> [pid_t] {
        Glibc.kill(root, SIGSTOP)
        var members = descendants(of: root, among: current())
        while members.contains(where: { !$0.isDead }) {
            for member in members where !member.isDead { Glibc.kill(member.id, SIGKILL) }
            usleep(500)
            members = descendants(of: root, among: current())
        }
        Glibc.kill(root, SIGKILL)
        return members.filter { $0.parent == root }.map(\.id)
    }

    static func children(of process: pid_t) -> [pid_t] {
        current().filter { $0.parent == process && !$0.isDead }.map(\.id)
    }

    static func descendants(of root: pid_t, among all: [Member]) -> [Member] {
        let children = Dictionary(grouping: all, by: \.parent)
        var found: [Member] = []
        var open = [root]
        while let next = open.popLast() {
            for child in children[next] ?? [] {
                found.append(child)
                open.append(child.id)
            }
        }
        return found
    }

    private static func current() -> [Member] {
        guard let directory = opendir("/proc") else { return [] }
        defer { closedir(directory) }
        var members: [Member] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard let id = pid_t(name), let text = SmallFile.read("/proc/\(name)/stat"), let member = member(id, stat: text) else {
                continue
            }
            members.append(member)
        }
        return members
    }

    /// The program's name stands in parentheses and may hold anything, so the fields are counted after the last one.
    static func member(_ id: pid_t, stat text: String) -> Member? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].dropFirst().split(separator: " ")
        guard fields.count > 1, let parent = pid_t(fields[1]) else { return nil }
        return Member(id: id, parent: parent, isDead: fields[0] == "Z" || fields[0] == "X")
    }
}

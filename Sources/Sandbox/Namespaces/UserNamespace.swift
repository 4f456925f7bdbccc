import CLinux
import Diagnostics
import Glibc

/// A user namespace in which the caller is user 0.
enum UserNamespace {
    /// Enters one, together with further namespaces (CLONE_NEW…), and maps as many ids as this user may have.
    static func enter(together further: Int32) throws -> NamespaceMode {
        let user = OutsideUser(name: OutsideUser.current().name, id: geteuid())
        let group = getegid()
        if let mapper = try IDMapper(user: user, group: group) {
            do { try unshare(further) } catch {
                mapper.abandon()
                throw error
            }
            switch mapper.finish() {
            case .mapped: return .mapped(mapper.ids)
            case .failed(let reason, let usersAreMapped):
                // An id map is written once. Without any yet, one id can still be had.
                if usersAreMapped { throw Fault("mapping the subordinate ids of user '\(user.name)': \(reason)") }
            }
        } else {
            try unshare(further)
        }
        return try mapOne(user: user.id, group: group)
    }

    private static func unshare(_ further: Int32) throws {
        guard clinux_unshare(CLINUX_CLONE_NEWUSER | further) == 0 else { throw Namespace.forbidden("creating a user namespace") }
    }

    private static func mapOne(user: UInt32, group: UInt32) throws -> NamespaceMode {
        // The kernel wants setgroups given up before an ordinary user may map a group.
        guard SmallFile.write("deny", to: "/proc/self/setgroups"), SmallFile.write("0 \(user) 1\n", to: "/proc/self/uid_map"),
            SmallFile.write("0 \(group) 1\n", to: "/proc/self/gid_map")
        else { throw Namespace.forbidden("mapping a user id in the new user namespace") }
        return .single
    }
}

/// A short-lived child that stays in the old user namespace, where newuidmap and newgidmap have their rights, and has them map the ids of its parent.
struct IDMapper {
    enum Outcome: Equatable {
        case mapped
        case failed(reason: String, usersAreMapped: Bool)
    }

    let ids: SubordinateIDs
    private let child: pid_t
    /// Closed by the parent when it is in its new namespace.
    private let start: Pipe
    private let answer: Pipe

    /// Nil when this user has no subordinate ids or no programs that map them.
    init?(user: OutsideUser, group: UInt32) throws {
        guard let ids = SubordinateIDs(of: user), let mapUsers = ProgramSearch.find("newuidmap"),
            let mapGroups = ProgramSearch.find("newgidmap")
        else { return nil }
        self.ids = ids
        start = try Pipe()
        answer = try Pipe()
        let parent = String(getpid())
        child = clinux_fork()
        guard child >= 0 else { throw Fault(system: "starting a process that maps user ids") }
        guard child == 0 else {
            start.closeReading()
            answer.closeWriting()
            return
        }
        start.closeWriting()
        _ = start.readAll()
        let users = Self.run([mapUsers, parent] + SubordinateIDs.mapping(own: user.id, then: ids.users), output: answer.writing)
        guard users else { _exit(1) }
        let groups = Self.run([mapGroups, parent] + SubordinateIDs.mapping(own: group, then: ids.groups), output: answer.writing)
        _exit(groups ? 0 : 2)
    }

    /// Called by the parent inside its new user namespace.
    func finish() -> Outcome {
        start.closeWriting()
        let text = String(decoding: answer.readAll(), as: UTF8.self)
        answer.closeReading()
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status != 0 else { return .mapped }
        let reason = text.split(separator: "\n").joined(separator: "; ")
        return .failed(reason: reason.isEmpty ? "newuidmap or newgidmap failed" : reason, usersAreMapped: status == 2 << 8)
    }

    /// Called by the parent when it could not enter a namespace: nothing must be mapped.
    func abandon() {
        kill(child, SIGKILL)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        start.closeWriting()
        answer.closeReading()
    }

    /// Runs a program to its end, its complaints going to `output`; whether it succeeded.
    private static func run(_ arguments: [String], output: Int32) -> Bool {
        var words = arguments.map { strdup($0) }
        words.append(nil)
        defer { for word in words { free(word) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var process: pid_t = 0
        guard posix_spawn(&process, arguments[0], &actions, nil, words, environ) == 0 else { return false }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status == 0
    }
}

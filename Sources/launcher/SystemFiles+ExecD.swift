import CLauncher

extension SystemFiles {
    /// E-21: no arguments, an empty standard input, our standard output and error, descriptor 3 for the answer, nothing else
    /// open. The answer is read while the executable runs, so its size does not matter (E-23).
    func runExecD(_ path: ByteText, environment: Environment) throws(LaunchError) -> [UInt8] {
        var ends: (read: Int32, write: Int32) = (-1, -1)
        let piped = withUnsafeMutablePointer(to: &ends) { pointer in
            pointer.withMemoryRebound(to: Int32.self, capacity: 2) { pipe2($0, O_CLOEXEC) }
        }
        guard piped == 0 else { throw .launch("exec.d: \(lastError())") }
        let child = Self.spawn(path, environment: environment, answer: ends.write)
        close(ends.write)
        let output = child.error == 0 ? Self.readToEnd(ends.read) : nil
        close(ends.read)
        guard child.error == 0 else {
            throw .launch("exec.d: cannot execute '\(path)': \(String(cString: strerror(child.error)))")
        }
        var status: Int32 = 0
        while waitpid(child.id, &status, 0) < 0 {
            guard launcher_errno() == EINTR else { throw .launch("exec.d: \(lastError())") }
        }
        guard status == 0 else { throw .launch("exec.d: '\(path)' failed with status \(launcher_status(status))") }
        guard let output else { throw .launch("exec.d: cannot read the output of '\(path)'") }
        return output
    }

    private static func spawn(_ path: ByteText, environment: Environment, answer: Int32) -> (id: pid_t, error: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, answer, 3)
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addclosefrom_np(&actions, 4)
        var id: pid_t = 0
        let error = path.withCString { executable in
            withCStrings([path]) { arguments in
                withCStrings(environment.rawEntries) { posix_spawn(&id, executable, &actions, nil, arguments, $0) }
            }
        }
        return (id, error)
    }
}

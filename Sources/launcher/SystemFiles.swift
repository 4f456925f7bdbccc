import CLauncher

/// The file system and processes of this machine, by libc.
struct SystemFiles: LaunchFiles {
    func entries(of directory: ByteText) throws(LaunchError) -> [LaunchEntry]? {
        guard let stream = directory.withCString({ opendir($0) }) else {
            if launcher_errno() == ENOENT { return nil }
            throw .launch("cannot list '\(directory)': \(lastError())")
        }
        defer { closedir(stream) }
        var entries: [LaunchEntry] = []
        while true {
            launcher_clear_errno()
            guard let entry = readdir(stream) else { break }
            let name = ByteText(cString: launcher_name(entry))
            if name == "." || name == ".." { continue }
            let path = directory.appending(name)
            entries.append(
                LaunchEntry(
                    name: name, isDirectory: Self.isDirectory(path, followingLinks: false),
                    leadsToDirectory: Self.isDirectory(path, followingLinks: true)))
        }
        guard launcher_errno() == 0 else { throw .launch("cannot list '\(directory)': \(lastError())") }
        return entries
    }

    func exists(_ path: ByteText) -> Bool { Self.status(path, followingLinks: true) != nil }

    func isRegularFile(_ path: ByteText) -> Bool {
        guard var status = Self.status(path, followingLinks: true) else { return false }
        return launcher_is_regular(&status) != 0
    }

    func isExecutable(_ path: ByteText) -> Bool {
        isRegularFile(path) && path.withCString { access($0, X_OK) } == 0
    }

    func read(_ path: ByteText) throws(LaunchError) -> [UInt8] {
        let descriptor = path.withCString { launcher_open($0, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0, let bytes = Self.readToEnd(descriptor) else { throw .launch("cannot read '\(path)': \(lastError())") }
        close(descriptor)
        return bytes
    }

    /// nil after an error, which is then in `errno`.
    static func readToEnd(_ descriptor: Int32) -> [UInt8]? {
        var bytes: [UInt8] = []
        let size = 65536
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = CLauncher.read(descriptor, buffer, size)
            if count < 0, launcher_errno() == EINTR { continue }
            if count <= 0 { return count == 0 ? bytes : nil }
            bytes += UnsafeRawBufferPointer(start: buffer, count: count)
        }
    }

    private static func isDirectory(_ path: ByteText, followingLinks: Bool) -> Bool {
        guard var status = status(path, followingLinks: followingLinks) else { return false }
        return launcher_is_directory(&status) != 0
    }

    private static func status(_ path: ByteText, followingLinks: Bool) -> stat? {
        var status = stat()
        let result = path.withCString { fstatat(AT_FDCWD, $0, &status, followingLinks ? 0 : AT_SYMLINK_NOFOLLOW) }
        return result == 0 ? status : nil
    }
}

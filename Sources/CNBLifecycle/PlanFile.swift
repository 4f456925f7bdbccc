import Archive

/// The temporary plan file of one run: empty for `bin/detect` (B-39), filled for `bin/build` (C-4).
struct PlanFile {
    /// The most that is read back.
    static let limit = 4 << 20

    let path: String
    private let folder: String
    private let room: any BuildpackRoom

    init(in room: any BuildpackRoom, contents: String = "") throws {
        self.room = room
        folder = "/tmp/plan." + String(UInt64.random(in: 0 ... .max), radix: 36)
        path = folder + "/plan.toml"
        try room.root.makeDirectories("/tmp", mode: 0o1777)
        try room.root.makeDirectories(folder, mode: 0o700, owner: room.owner)
        try room.root.write(path, Array(contents.utf8), mode: 0o600, owner: room.owner)
    }

    func read() throws -> [UInt8] {
        try room.root.read(path, limit: Self.limit)
    }

    /// A room may be thrown away anyway; one that is not must not fill up.
    func remove() {
        try? room.root.removeTree(folder)
    }
}

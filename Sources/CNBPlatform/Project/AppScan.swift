import Glibc

/// Notes what an app's folder is like while a walk goes over it.
final class AppScan: SnapshotVisitor {
    private(set) var index = AppIndex.Recorder()

    func begin(_ folder: SnapshotFolder) { index.add(folder.path, folder.status) }
    func visit(_ name: [CChar], _ path: [UInt8], _ status: stat, in folder: SnapshotFolder) { index.add(path, status) }
    func end(_ folder: SnapshotFolder) {}
}

import Glibc

/// A file or folder that came from elsewhere; the time of its last change is when its source was last asked, that of its last access when it was last used.
struct KeptCopy {
    let path: String

    /// Whether it is taken without asking its source again.
    func isCurrent(by policy: PullPolicy) -> Bool {
        switch policy {
        case .always: return false
        case .ifNotPresent, .never: return true
        case .interval(let interval):
            var status = stat()
            return stat(path, &status) == 0 && interval.covers(Int64(status.st_mtim.tv_sec), at: Int64(time(nil)))
        }
    }

    /// Notes that its source was asked now. Where that cannot be noted, it is asked again sooner.
    func renew() { utimensat(AT_FDCWD, path, nil, 0) }

    /// Notes that it is used now without its source being asked. File systems do not note that by themselves: many are mounted `noatime`.
    func noteUse() {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        utimensat(AT_FDCWD, path, [timespec(tv_sec: time(nil), tv_nsec: 0), status.st_mtim], 0)
    }

    /// Seconds since 1970; nil when it is gone.
    var lastUse: Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(max(status.st_atim.tv_sec, status.st_mtim.tv_sec)) : nil
    }
}

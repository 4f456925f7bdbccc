import Glibc

/// A file or folder that came from elsewhere; the time of its last change is when its source was last asked.
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
}

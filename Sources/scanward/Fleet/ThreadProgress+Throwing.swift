import Threads

extension ThreadProgress {
    /// As `excused`, for what may fail.
    func excusing<Success, Problem: Error>(
        _ wait: () throws(Problem) -> Success
    ) throws(Problem) -> Success {
        let result = excused { () -> Result<Success, Problem> in
            do throws(Problem) {
                return .success(try wait())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

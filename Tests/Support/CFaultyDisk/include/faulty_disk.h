#ifndef FAULTY_DISK_H
#define FAULTY_DISK_H

/// A disk that fails below SQLite: a VFS around the system's own, the default of the process once installed. Files
/// whose path begins with the folder of a plan are disturbed by it; all others are not touched.
///
/// Only one plan is in force at a time.
enum faulty_disk_kind {
    faulty_disk_none = 0,
    /// The sync at `at` and none but it fails: one that asks again is told that all is well.
    faulty_disk_sync_error = 1,
    /// Writes from `at` on find the disk full, until `faulty_disk_release`.
    faulty_disk_full = 2,
    /// The machine dies at the write at `at`: of that the first `torn` bytes reach the disk, what was written before it
    /// and not synced does not, nor does anything after it.
    faulty_disk_death = 3,
    /// Reads from `at` on fail.
    faulty_disk_read_error = 4,
};

/// Installs the VFS; 0 if SQLite took it. Further calls do nothing.
int faulty_disk_install(void);

/// Puts a plan in force. `at` counts from 0 among the operations of its kind.
void faulty_disk_plan(const char *folder, enum faulty_disk_kind kind, long long at, int torn);

/// The disk has room again.
void faulty_disk_release(void);

/// Writes and syncs of the plan's folder since it was made, and those of write-ahead logs among them.
long long faulty_disk_writes(void);
long long faulty_disk_syncs(void);
long long faulty_disk_log_syncs(void);
/// Syncs since the first one that failed, that one not counted.
long long faulty_disk_syncs_after_error(void);
/// Whether the fault has happened.
int faulty_disk_has_failed(void);

#endif
